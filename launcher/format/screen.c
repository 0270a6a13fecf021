/* screen: what an output stream can show.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/format/screen.h"

#include <stdint.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/progress.h"
#include "base/text.h"

enum { WIDTH_DEFAULT = 80, WIDTH_LEAST = 20 };

/* The environment's COLUMNS, else what the terminal says. */
static int width_of(int fd)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    int64_t width = 0;

    if (columns && text_to_int(columns, &width) == 0 && width > 0)
        return width < WIDTH_LEAST ? WIDTH_LEAST
                                   : (int)(width > 10000 ? 10000 : width);
    if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return WIDTH_DEFAULT;
    return size.ws_col < WIDTH_LEAST ? WIDTH_LEAST : size.ws_col;
}

/* The first of these that is set names the character set, as in locale(7).
 * Read by hand: setlocale() fails where the locale is named but not
 * installed, which is usual in containers. */
static bool is_utf8(void)
{
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (!value || !*value)
            continue;
        for (const char *s = value; *s; s++)
            if (strncasecmp(s, "utf-8", 5) == 0 ||
                strncasecmp(s, "utf8", 4) == 0)
                return true;
        return false;
    }
    return false;
}

struct screen screen_of(FILE *out)
{
    struct screen s = { 0, false, is_utf8() };
    int fd = fileno(out);

    if (fd >= 0 && isatty(fd)) {
        s.width = width_of(fd);
        s.fancy = progress_fancy(fd) != 0;
    }
    return s;
}

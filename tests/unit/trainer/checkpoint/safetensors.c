/* Safetensors: what was written comes back; files that lie are refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/unit/trainer/one_file.h"
#include "trainer/checkpoint/safetensors.h"

static const float one[] = { 1, 2, 3, 4, 5, 6 }, two[] = { -1 };
static const struct tensor tensors[] = { { "one", 2, { 2, 3 }, one },
                                         { "two", 1, { 1 }, two } };

static void test_what_was_written_comes_back(void **state)
{
    struct tree *metadata = tree_map();
    struct error err = ERROR_INIT;
    struct tensor wrong = tensors[0];
    struct safetensors s;
    float back[6];
    char *bytes;
    size_t size;

    (void)state;
    tree_set_string(metadata, "epoch", "3");
    assert_int_equal(safetensors_write(path, tensors, 2, metadata, &err), 0);
    tree_destroy(metadata);
    assert_int_equal(file_read(path, 4096, &bytes, &size, &err), 0);
    assert_int_equal((unsigned char)bytes[0] % 8, 0);
    assert_int_equal(size, 8 + (unsigned char)bytes[0] +
                               256 * (size_t)bytes[1] + 7 * sizeof(float));
    free(bytes);
    assert_int_equal(safetensors_open(&s, path, &err), 0);
    assert_string_equal(safetensors_metadata(&s, "epoch"), "3");
    assert_string_equal(safetensors_metadata(&s, "none"), "");
    assert_int_equal(safetensors_get(&s, &tensors[0], back, &err), 0);
    assert_memory_equal(back, one, sizeof one);
    assert_int_equal(safetensors_get(&s, &tensors[1], back, &err), 0);
    assert_true(back[0] == -1);
    wrong.shape[0] = 3;
    assert_int_equal(safetensors_get(&s, &wrong, back, &err), -1);
    assert_string_equal(err.what, "tensor 'one' has another shape");
    wrong.name = "three";
    assert_int_equal(safetensors_get(&s, &wrong, back, &err), -1);
    assert_string_equal(err.what, "it has no tensor 'three'");
    safetensors_close(&s);
}

/* A file of this header, with 'data' zero bytes behind it. */
static void write_raw(uint64_t length, const char *header, size_t data)
{
    struct text t = TEXT_INIT;
    struct error err = ERROR_INIT;
    size_t i;

    for (i = 0; i < 8; i++)
        text_append_char(&t, (char)(length >> (8 * i)));
    text_append(&t, header);
    for (i = 0; i < data; i++)
        text_append_char(&t, 0);
    assert_int_equal(file_write(path, t.data, t.size, 0644, &err), 0);
    text_clear(&t);
}

static void test_files_that_lie_are_refused(void **state)
{
    static const char good[] =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    static const struct {
        const char *header;
        uint64_t length; /* 0: that of the header */
        size_t data;
    } lies[] = {
        { good, 1000, 8 },
        { good, UINT64_MAX, 8 },
        { good, 0, 7 },
        { good, 0, 9 },
        { "[]", 0, 0 },
        { "{", 0, 0 },
        { "\xff\xfe", 0, 0 },
        { "{\"a\":3}", 0, 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 0,
          8 },
        { "{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 0,
          8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
          0, 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
          0, 16 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,"
          "2147483647],\"data_offsets\":[0,8]}}",
          0, 8 },
    };
    struct error err = ERROR_INIT;
    struct safetensors s;
    size_t i;

    (void)state;
    write_raw(sizeof good - 1, good, 8);
    assert_int_equal(safetensors_open(&s, path, &err), 0);
    safetensors_close(&s);
    for (i = 0; i < sizeof lies / sizeof *lies; i++) {
        write_raw(lies[i].length ? lies[i].length : strlen(lies[i].header),
                  lies[i].header, lies[i].data);
        if (safetensors_open(&s, path, &err) == 0)
            fail_msg("lie %zu was believed", i);
        assert_string_equal(err.where, path);
        assert_string_not_equal(err.hint, "");
    }
    assert_int_equal(file_write(path, "abc", 3, 0644, &err), 0);
    assert_int_equal(safetensors_open(&s, path, &err), -1);
}

/* Each byte of the file turned over in its lowest bit. */
static void test_damage_is_named_by_its_bytes(void **state)
{
    struct error err = ERROR_INIT;
    struct safetensors s;
    unsigned char *data;
    size_t size, first, i;
    char named[64];

    (void)state;
    assert_int_equal(safetensors_write(path, tensors, 2, NULL, &err), 0);
    assert_int_equal(file_read(path, 1 << 20, (char **)&data, &size, &err), 0);
    first = size - (tensor_count(&tensors[0]) + tensor_count(&tensors[1])) * 4;
    for (i = first; i < size; i++) {
        size_t second = first + tensor_count(&tensors[0]) * 4;

        data[i] ^= 1;
        assert_int_equal(file_write(path, data, size, 0644, &err), 0);
        assert_int_equal(safetensors_open(&s, path, &err), -1);
        snprintf(named, sizeof named, "bytes %zu to %zu, tensor '%s',",
                 i < second ? first : second, i < second ? second : size,
                 tensors[i >= second].name);
        assert_non_null(strstr(err.what, named));
        data[i] ^= 1;
    }
    assert_int_equal(file_write(path, data, size - 1, 0644, &err), 0);
    assert_int_equal(safetensors_open(&s, path, &err), -1);
    snprintf(named, sizeof named, "ends at byte %zu, its tensors at byte %zu",
             size - 1, size);
    assert_non_null(strstr(err.what, named));
    assert_int_equal(file_write(path, data, size, 0644, &err), 0);
    assert_int_equal(safetensors_open(&s, path, &err), 0);
    safetensors_close(&s);
    free(data);
}

static void test_a_folder_that_is_not_there(void **state)
{
    struct error err = ERROR_INIT;
    struct safetensors s;

    (void)state;
    assert_int_equal(
        safetensors_write("/nonexistent/x", tensors, 2, NULL, &err), -1);
    assert_int_equal(err.kind, ERROR_FAILURE);
    assert_int_equal(safetensors_open(&s, "/nonexistent/x", &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_written_comes_back),
        cmocka_unit_test(test_files_that_lie_are_refused),
        cmocka_unit_test(test_damage_is_named_by_its_bytes),
        cmocka_unit_test(test_a_folder_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

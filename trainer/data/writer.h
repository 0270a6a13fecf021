/* writer: rows in, a packed data set out.
 *
 * Order: writer_open(), writer_append() for each row, writer_finish(),
 * writer_close(). Shards are written as they fill, under temporary names;
 * dataset.json comes last, by a rename. So the folder holds the set it held
 * before or the new one, never a part; a writer that is closed unfinished
 * leaves no trace; after writer_go_on() it leaves, also when it is killed, whole
 * shards and a journal to go on from.
 * The same rows give the same bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_WRITER_H
#define TRAINER_DATA_WRITER_H

#include "base/error.h"
#include "base/tree.h"
#include "trainer/data/dataset.h"
#include "trainer/data/journal.h"

struct writer;

/* Begin a set in 'folder' (made when absent). 'shape' says what rows look
 * like: name, category and number fields, has_text, the image's size, folds;
 * borrowed until writer_close(). Refused while another writer is at this folder.
 * Returns NULL with 'err'. */
struct writer *writer_open(const char *folder, const struct dataset *shape,
                           struct error *err);

/* Go on from what an unfinished writer of the same 'fingerprint' (not 0) left in
 * the folder, if that is whole, and keep a journal from now on. '*place' is where
 * the source stood, zeros when it begins anew. Comes before the first row. */
void writer_go_on(struct writer *w, uint64_t fingerprint,
                  struct journal_place *place);

/* Where the source stands with the row that is added next; for the journal. */
void writer_place(struct writer *w, const struct journal_place *place);

/* Add a row, which must fit the shape. Copies it. Returns 0, or -1 with
 * 'err' (a full disk). */
int writer_append(struct writer *w, const struct row *row, struct error *err);

/* Write what is left and dataset.json; files of an older set are removed.
 * 'source' (stolen, may be NULL) is put into dataset.json as it is: how the
 * set was made, the vocabularies. Returns 0, or -1 with 'err'. */
int writer_finish(struct writer *w, struct tree *source, struct error *err);

/* Free it; without writer_finish() nothing of the set stays, unless there is a
 * journal. NULL is fine. */
void writer_close(struct writer *w);

#endif

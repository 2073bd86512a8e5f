/* What the document tests share: read a text, compare its JSON or its error. */
#ifndef WB_TESTS_BASE_DOCUMENT_CHECK_H
#define WB_TESTS_BASE_DOCUMENT_CHECK_H

#include <stddef.h>

#include "base/document.h"

/* Reads text and checks the documents, printed as JSON with a line end behind each. */
void wb_document_check_reads(const char *text, wb_document_syntax syntax, const char *json);

/* Reads text and checks that it fails with status and exactly message. */
void wb_document_check_fails(const char *text, size_t length, wb_document_syntax syntax,
                             wb_status status, const char *message);

/* Checks that every node of the one document in text stands where its number says: a scalar 307 is
 * at line 3, column 7. Returns how many numbers were checked. */
size_t wb_document_check_places(const char *text, wb_document_syntax syntax);

#endif

/* This program's own file: what a set of runs was made by, beyond its version. */
#ifndef WB_TOOLS_CLI_PROGRAM_FILE_H
#define WB_TOOLS_CLI_PROGRAM_FILE_H

#include "base/arena.h"

/* Its fingerprint, "" where the system does not tell which file it is. Lives in arena. */
const char *wb_program_file_digest(wb_arena *arena);

#endif

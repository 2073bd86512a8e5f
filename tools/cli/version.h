/* The version that every run records; a change of decisions or of recorded bytes raises it. */
#ifndef WB_TOOLS_CLI_VERSION_H
#define WB_TOOLS_CLI_VERSION_H

#define WB_VERSION "0.1.0"

#endif

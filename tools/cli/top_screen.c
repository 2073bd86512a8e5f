#include "tools/cli/top_screen.h"

#include <assert.h>
#include <ctype.h>
#include <ncurses.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "tools/cli/terminal.h"
#include "tools/top/node_lines.h"

#define FRAME_MS    200 /* between two looks at keyboard and clock */
#define SPEED_MAX   1000000
#define WIDTH_LEAST 20

typedef struct screen {
    const wb_run_set *set;
    uint32_t run, first_line;
    int64_t at_ms, speed;
    bool is_paused, is_done;
    wb_node_order order;
    char filter[32];
    wb_arena arena; /* of one frame */
    double last_seconds;
} screen;

static void move_time(screen *of, int64_t by_ms)
{
    const int64_t end_ms = of->set->runs[of->run].end_ms;
    of->at_ms += by_ms;
    of->at_ms = of->at_ms < 0 ? 0 : of->at_ms > end_ms ? end_ms : of->at_ms;
}

static void advance(screen *of)
{
    const double now = wb_terminal_seconds();
    if (!of->is_paused) {
        move_time(of, (int64_t)((now - of->last_seconds) * (double)of->speed * 1000.0));
    }
    of->last_seconds = now;
}

/* Letters typed at the foot of the screen; what is typed is the new filter. */
static void ask_filter(screen *of)
{
    timeout(-1);
    echo();
    (void)move(LINES - 1, 0);
    (void)clrtoeol();
    (void)addstr("filter (name, type, zone or market): ");
    char typed[sizeof of->filter] = "";
    if (getnstr(typed, (int)sizeof typed - 1) == OK) {
        memcpy(of->filter, typed, sizeof typed);
        of->first_line = 0;
    }
    noecho();
    timeout(FRAME_MS);
    of->last_seconds = wb_terminal_seconds();
}

static void press(screen *of, int key)
{
    switch (key) {
    case 'q': of->is_done = true; break;
    case ' ': of->is_paused = !of->is_paused; break;
    case KEY_RIGHT: move_time(of, WB_MS_PER_MINUTE); break;
    case KEY_LEFT: move_time(of, -WB_MS_PER_MINUTE); break;
    case '.': move_time(of, WB_MS_PER_HOUR); break;
    case ',': move_time(of, -WB_MS_PER_HOUR); break;
    case 'g': of->at_ms = 0; break;
    case '+': of->speed = of->speed * 2 > SPEED_MAX ? SPEED_MAX : of->speed * 2; break;
    case '-': of->speed = of->speed > 1 ? of->speed / 2 : 1; break;
    case 's': of->order = (wb_node_order)((of->order + 1) % WB_NODE_ORDER_COUNT); break;
    case '\t': of->run = (of->run + 1) % of->set->run_count; break;
    case KEY_DOWN: of->first_line++; break;
    case KEY_UP: of->first_line -= of->first_line > 0; break;
    case '/': ask_filter(of); break;
    default: break;
    }
}

static void draw_foot(const screen *of)
{
    char text[256];
    (void)snprintf(text, sizeof text,
                   "%s %lldx  by %s%s%s  space pause  arrows step, scroll  , . hour  + - speed  "
                   "s sort  / filter  tab contender  q quit",
                   of->is_paused ? "paused" : "playing", (long long)of->speed,
                   wb_node_view_order_name(of->order), of->filter[0] != '\0' ? ", filter " : "",
                   of->filter);
    (void)attron(A_REVERSE);
    (void)mvaddnstr(LINES - 1, 0, text, COLS);
    (void)attroff(A_REVERSE);
}

static wb_status draw(screen *of, wb_error *err)
{
    wb_node_view view;
    wb_arena_clear(&of->arena);
    const wb_run_set_item *run = &of->set->runs[of->run];
    WB_TRY(wb_node_view_read(of->set->store, run->run_id, of->at_ms, &of->arena, &view, err));
    wb_node_view_arrange(&view, of->order, of->filter);
    of->first_line = of->first_line >= view.node_count ? 0 : of->first_line;
    (void)erase();
    if (COLS <= WIDTH_LEAST || LINES < WB_NODE_LINES_HEAD + 2) {
        (void)mvaddnstr(0, 0, "too small", COLS);
    } else {
        char title[160];
        wb_text lines;
        /* A full line would take the cursor to the next, and its newline one further. */
        const int size[2] = {COLS - 1, LINES - 1};
        wb_text_init(&lines);
        (void)snprintf(title, sizeof title, "%s, %s", of->set->scenario, run->contender);
        wb_node_lines_add(&view, title, of->first_line, size, &lines);
        (void)mvaddstr(0, 0, wb_text_string(&lines));
        wb_text_release(&lines);
        draw_foot(of);
    }
    (void)refresh();
    return WB_OK;
}

static wb_status replay(screen *of, wb_error *err)
{
    while (!of->is_done && *wb_terminal_stop_flag() == 0) {
        WB_TRY(draw(of, err));
        const int key = getch();
        if (key != ERR && key != KEY_RESIZE) {
            press(of, key);
        }
        advance(of);
    }
    return WB_OK;
}

wb_status wb_top_screen_run(const wb_run_set *set, const wb_top_screen_options *options,
                            wb_error *err)
{
    assert(set != NULL && options != NULL && options->first_run < set->run_count);
    screen of = {.set = set,
                 .run = options->first_run,
                 .at_ms = options->start_ms,
                 .speed = options->speed,
                 .is_paused = options->is_paused,
                 .last_seconds = wb_terminal_seconds()};
    wb_arena_init(&of.arena, "top", 0, NULL);
    if (initscr() == NULL) {
        return wb_fail(err, WB_ERR_IO, "the terminal cannot be set up");
    }
    (void)cbreak();
    (void)noecho();
    (void)keypad(stdscr, TRUE);
    (void)curs_set(0);
    timeout(FRAME_MS);
    const wb_status status = replay(&of, err);
    (void)endwin();
    wb_arena_release(&of.arena);
    return status;
}

/*
 * The gnuplot scripts of this folder as they are, in the program's read-only data, each a string
 * wb_plot_script_<name>. Paths are relative to the root of the sources, which is on the include
 * path; plot.c declares the symbols.
 */
#define WB_SCRIPT(name, path)      \
    .global wb_plot_script_##name; \
    wb_plot_script_##name:         \
    .incbin path;                  \
    .byte 0

    .section .rodata
WB_SCRIPT(common, "tools/plot/common.gp")
WB_SCRIPT(nodes, "tools/plot/nodes.gp")
WB_SCRIPT(cost, "tools/plot/cost.gp")
WB_SCRIPT(latency, "tools/plot/latency.gp")
WB_SCRIPT(utilisation, "tools/plot/utilisation.gp")
WB_SCRIPT(mix, "tools/plot/mix.gp")
WB_SCRIPT(gantt, "tools/plot/gantt.gp")
WB_SCRIPT(churn, "tools/plot/churn.gp")
WB_SCRIPT(arrivals, "tools/plot/arrivals.gp")
WB_SCRIPT(front, "tools/plot/front.gp")
WB_SCRIPT(fit, "tools/plot/fit.gp")

    .section .note.GNU-stack, "", %progbits

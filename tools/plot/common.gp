# Common to all plots: calm axes, a light grid behind the data, large enough letters, one style per
# contender. Variables come from plot.c: scenario, height (pixels), time_unit, span, run_count, names[],
# colors[].
set encoding utf8
set datafile missing "?"
set border 3 linecolor rgb "#444444" linewidth 0.8
set tics nomirror out scale 0.6 textcolor rgb "#222222"
set grid linecolor rgb "#DDDDDD" linewidth 0.7 linetype 1
set key noenhanced opaque top left Left reverse samplen 2 spacing 1.1 textcolor rgb "#222222" nobox
set title noenhanced offset 0,-0.3 textcolor rgb "#222222"
set xlabel noenhanced textcolor rgb "#222222"
set ylabel noenhanced textcolor rgb "#222222"
set format y "%.10g"
color_of(i) = colors[i]
# Where contenders do the same their lines lie on each other: the later ones are thinner, so that all
# are seen.
width_of(i) = 2 + 1.8 * (run_count - i) / (run_count > 1 ? run_count - 1 : 1)

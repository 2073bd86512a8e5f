/*
 * The tables of kube/catalog/data as they are, put into the program's read-only data: each as
 * wb_catalog_data_<name> up to wb_catalog_data_<name>_end. Paths are relative to the root of the
 * sources, which is on the include path; catalog_table.c declares the symbols.
 */
#define WB_TABLE(name, path)             \
    .global wb_catalog_data_##name;      \
    .global wb_catalog_data_##name##_end; \
    wb_catalog_data_##name:              \
    .incbin path;                        \
    wb_catalog_data_##name##_end:        \
    .byte 0

    .section .rodata
WB_TABLE(instance_types, "kube/catalog/data/instance_types.tsv")
WB_TABLE(on_demand_prices, "kube/catalog/data/on_demand_prices.tsv")
WB_TABLE(regions, "kube/catalog/data/regions.tsv")
WB_TABLE(spot_linux, "kube/catalog/data/spot_linux.tsv")
WB_TABLE(spot_windows, "kube/catalog/data/spot_windows.tsv")
WB_TABLE(ebs_limits, "kube/catalog/data/ebs_limits.tsv")

    .section .note.GNU-stack, "", %progbits

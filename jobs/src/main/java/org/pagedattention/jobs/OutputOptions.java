package org.pagedattention.jobs;

import picocli.CommandLine.Option;

/** Where a table is written. */
final class OutputOptions {
    /** What to do with a table that is there already. */
    enum Mode {
        ERRORIFEXISTS,
        OVERWRITE;

        static Mode parse(String name) {
            return switch (name) {
                case "errorifexists" -> ERRORIFEXISTS;
                case "overwrite" -> OVERWRITE;
                default ->
                    throw new IllegalArgumentException(
                            "mode '" + name + "' is not known: use errorifexists or overwrite");
            };
        }
    }

    @Option(names = "--output", paramLabel = "PATH", description = "Folder to write; required")
    private String path = "";

    @Option(
            names = "--output-format",
            paramLabel = "NAME",
            defaultValue = "parquet",
            description = "Any format that Spark writes, such as orc; csv holds no tensors (default: parquet)")
    private String format = "parquet";

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "errorifexists",
            description =
                    "errorifexists, or overwrite the table there; a file, or a folder with anything else in it, is always left"
                            + " alone (default: errorifexists)")
    private Mode mode = Mode.ERRORIFEXISTS;

    static OutputOptions overwriting(String path) {
        OutputOptions options = new OutputOptions();
        options.path = path;
        options.mode = Mode.OVERWRITE;
        return options;
    }

    void require(Required required) {
        required.need("--output", !path.isEmpty());
    }

    String path() {
        return path;
    }

    String format() {
        return format;
    }

    boolean overwrite() {
        return mode == Mode.OVERWRITE;
    }
}

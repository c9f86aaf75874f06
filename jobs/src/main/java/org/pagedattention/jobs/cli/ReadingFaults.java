package org.pagedattention.jobs.cli;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Says why a file that is whole cannot be read as it is, and what reads it: only what is left is called damaged, since
 * that advice costs a file.
 */
final class ReadingFaults {
    private static final List<Fault> FAULTS = List.of(
            new Fault(
                    Pattern.compile("Unsupported encoding: (\\w+)"),
                    (found, file) -> file + " has columns in Parquet's encoding " + found.group(1)
                            + ", which Spark's vectorized reader does not know: give --conf"
                            + " spark.sql.parquet.enableVectorizedReader=false, or write the file anew with another"
                            + " encoding"),
            new Fault(
                    Pattern.compile("ClassNotFoundException: (\\S*Codec)\\b"),
                    (found, file) -> file + " is compressed, and this Spark lacks the codec's class " + found.group(1)
                            + ": add the jar that has it with --jars or --packages, or write the file anew with"
                            + " another codec, such as zstd"),
            new Fault(
                    Pattern.compile("Relative path in absolute URI"),
                    (found, file) ->
                            file + " has a colon in its name, with which Hadoop opens no local file: rename it,"
                                    + " or read it from another file system"),
            new Fault(
                    Pattern.compile("native (\\w+) library not available|built without (\\w+) support"),
                    (found, file) -> file + " is compressed, and this Hadoop lacks the native library for it ("
                            + found.group() + "): install it, or write the file anew with another codec, such as gzip"),
            new Fault(
                    Pattern.compile("column: \\[(.*)], physicalType: (\\w+), logicalType: (\\S+)"),
                    (found, file) -> differs(file, "column " + found.group(1), found.group(2), found.group(3))),
            new Fault(
                    Pattern.compile("Parquet converter for (?:the )?data type \"?(\\w+)\"? whose Parquet type is"
                            + " (?:\\w+ )?(\\w+) (\\S+?)[. ]"),
                    (found, file) -> differs(file, "column " + found.group(3), found.group(2), found.group(1))),
            new Fault(
                    Pattern.compile(
                            "ORC does not support type conversion from file type (\\w+) .*?to reader type (\\w+)"),
                    (found, file) -> differs(file, "a column", found.group(1), found.group(2))),
            new Fault(
                    Pattern.compile("ParquetCryptoRuntimeException|encrypted (?:footer|column)"),
                    (found, file) -> file + " is encrypted, and no key of it is known: set"
                            + " spark.hadoop.parquet.crypto.factory.class and what it needs"),
            new Fault(
                    Pattern.compile("READ_ANCIENT_DATETIME|before 1582-10-15 or timestamps"),
                    (found, file) -> file + " has days before 1582-10-15 (or times before 1900), and does not say of"
                            + " which calendar: give --conf spark.sql.parquet.datetimeRebaseModeInRead=LEGACY and"
                            + " --conf spark.sql.parquet.int96RebaseModeInRead=LEGACY where Spark 2 or Hive wrote it,"
                            + " otherwise both with CORRECTED"),
            new Fault(
                    Pattern.compile("Found duplicate field\\(s\\) (.*?) in case-insensitive mode"),
                    (found, file) -> file + " has columns whose names differ in case alone (" + found.group(1)
                            + "): give --conf spark.sql.caseSensitive=true"),
            new Fault(
                    Pattern.compile("Checksum error: (\\S+)"),
                    (found, file) -> file + " is not what its checksum file says (of the same name, with . before and"
                            + " .crc behind): delete that one if the file was replaced on purpose, otherwise restore"
                            + " the file"),
            new Fault(
                    Pattern.compile("BlockMissingException|Could not obtain block"),
                    (found, file) -> file + " has blocks that no data node gives: see whether all of them run (hdfs"
                            + " fsck tells which are missing), then run the job again"),
            new Fault(
                    Pattern.compile("Too many open files"),
                    (found, file) -> file + " could not be opened, as too many files are open: raise the limit of the"
                            + " executors (ulimit -n)"),
            new Fault(
                    Pattern.compile("(SocketTimeoutException|ConnectException|NoRouteToHostException"
                            + "|SdkClientException|ConnectTimeoutException|Connection reset)"),
                    (found, file) -> file + " could not be fetched (" + found.group(1) + "): its store cannot be"
                            + " reached or is too slow; run the job again when it answers"));

    private ReadingFaults() {}

    /** The sentence for a chain of causes that ended the reading of {@code file}; empty when none is known. */
    static Optional<String> explain(List<Throwable> chain, String file) {
        return FAULTS.stream()
                .flatMap(fault -> chain.stream().map(thrown -> fault.in(thrown.toString(), file)))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static String differs(String file, String column, String inFile, String inTable) {
        return file + " has " + column + " as " + inFile + ", and the table, which takes its columns from another"
                + " of its files, as " + inTable + ": write the files anew with one type, or score those of each type"
                + " on their own";
    }
}

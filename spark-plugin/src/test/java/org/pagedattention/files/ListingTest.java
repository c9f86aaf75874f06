package org.pagedattention.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListingTest {
    @TempDir
    Path folder;

    @Test
    void filesAreThoseThatSparkDoesNotHide() throws IOException {
        for (String name :
                new String[] {"a.parquet", "p=1/b.parquet", "_p=1/c.parquet", "more/d", "_metadata", "_SUCCESS"}) {
            file(name);
        }
        for (String hidden : new String[] {"_e.parquet", ".f.parquet", "_old/g.parquet", "h.parquet._COPYING_"}) {
            file(hidden);
        }
        file(".a.parquet.crc");
        Files.createFile(folder.resolve("_lock"));
        Files.createSymbolicLink(folder.resolve(".#edited"), Path.of("nobody"));
        Listing listing = list("parquet");
        assertThat(listing.files())
                .extracting(file -> file.getName())
                .containsExactlyInAnyOrder("a.parquet", "b.parquet", "c.parquet", "d");
        assertThat(listing.hidden()).isEqualTo(4);
        assertThat(listing.firstHidden()).isPresent();
    }

    @Test
    void aFileOfNoBytesIsATableOnlyWhereTextIsOne() throws IOException {
        file("a");
        Files.createFile(folder.resolve("b"));
        Files.createFile(folder.resolve("day_$folder$"));
        for (String format : new String[] {"csv", "JSON"}) {
            assertThat(list(format).files()).hasSize(1);
        }
        for (String format : new String[] {"parquet", "orc", "avro"}) {
            assertThatThrownBy(() -> list(format))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(folder.resolve("b") + " has 0 bytes");
        }
    }

    @Test
    void linksAreFollowedAndLeadSomewhere() throws IOException {
        file("real/a.parquet");
        Files.createDirectory(folder.resolve("table"));
        Files.createSymbolicLink(folder.resolve("table/link"), folder.resolve("real"));
        assertThat(list("table", true).files()).containsExactly(root("table/link/a.parquet"));
        Files.createSymbolicLink(folder.resolve("gone"), Path.of("nowhere"));
        assertThatThrownBy(() -> list("parquet")).hasMessageContaining("gone is a link to nothing");
        Files.delete(folder.resolve("gone"));
        Files.createSymbolicLink(folder.resolve("real/loop"), folder);
        assertThatThrownBy(() -> list("parquet")).hasMessageContaining("loop is a link to a folder that it lies in");
    }

    @ParameterizedTest
    @CsvSource({
        "_delta_log/00000000000000000000.json, delta",
        ".hoodie/hoodie.properties, hudi",
        "metadata/v1.metadata.json, iceberg",
        "schema/schema-0, paimon"
    })
    void theLogOfATableIsFoundAboveAtAndBelow(String mark, String format) throws IOException {
        file("t/p=1/a.parquet");
        file("t/" + mark);
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("t/p=1"));
        for (String root : new String[] {"t/p=1/a.parquet", "t/p=1", "t", "", "link", "link/a.parquet"}) {
            assertThatThrownBy(() -> list(root, true))
                    .as(root)
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("it is a table of " + format)
                    .hasMessageContaining("option inputFormat to " + format);
        }
    }

    @Test
    void whatAStreamWroteIsReadByItsLog() throws IOException {
        file("t/a.parquet");
        file("t/_spark_metadata/0");
        assertThat(list("t", true).files()).hasSize(1);
        for (String root : new String[] {"t/a.parquet", ""}) {
            assertThatThrownBy(() -> list(root, true)).hasMessageContaining("is what a stream wrote");
        }
        assertThatThrownBy(() -> list("t", false)).hasMessageContaining("is what a stream wrote");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "*/*.parquet", "t/?.parquet"})
    void aPatternForALinkToNothingIsRefused(String pattern) throws IOException {
        file("t/a.parquet");
        LocalPattern.requireAllSeen(root(pattern));
        Files.createSymbolicLink(folder.resolve(pattern.contains("/") ? "t/b.parquet" : "u"), Path.of("gone"));
        assertThatThrownBy(() -> LocalPattern.requireAllSeen(root(pattern)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("is a link to nothing");
    }

    private Listing list(String format) throws IOException {
        return list("", format, true);
    }

    private Listing list(String name, boolean byLog) throws IOException {
        return list(name, "parquet", byLog);
    }

    private Listing list(String name, String format, boolean byLog) throws IOException {
        Configuration hadoop = new Configuration();
        FileStatus status = root(name).getFileSystem(hadoop).getFileStatus(root(name));
        return Listing.of(List.of(status), format, byLog, hadoop);
    }

    private org.apache.hadoop.fs.Path root(String name) {
        return LocalPath.toHadoop(folder.resolve(name));
    }

    private void file(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "rows");
    }
}

package org.pagedattention.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlaceTest {
    @TempDir
    Path folder;

    @BeforeEach
    void makeTable() throws IOException {
        Files.createDirectories(folder.resolve("real/t"));
        Files.writeString(folder.resolve("real/t/a.parquet"), "rows");
        Files.createSymbolicLink(folder.resolve("table"), Path.of("real/t"));
        Files.createSymbolicLink(folder.resolve("above"), folder.resolve("real"));
        Files.createSymbolicLink(folder.resolve("file"), folder.resolve("above/t/a.parquet"));
    }

    @Test
    void linksAreFollowedAlsoToWhatIsNotThereYet() throws IOException {
        Path real = folder.toRealPath().resolve("real");
        assertThat(place("table")).isEqualTo(place("real/t")).isEqualTo(place("above/t"));
        assertThat(place("file").path()).hasToString("file:" + real.resolve("t/a.parquet"));
        assertThat(place("above/new/deeper").path()).hasToString("file:" + real.resolve("new/deeper"));
        assertThat(place("above/../real/./t")).isEqualTo(place("table"));
        assertThat(place("none/new")).isNotEqualTo(place("above/new"));
    }

    @Test
    void placesMeetWhereOneLiesInTheOther() throws IOException {
        assertThat(place("above/t/new").meets(place("table"))).isTrue();
        assertThat(place("real").meets(place("file"))).isTrue();
        assertThat(place("real/t/a.parquet").inside(place("table"))).isTrue();
        assertThat(place("table").inside(place("real/t/a.parquet"))).isFalse();
        assertThat(place("real/t2").meets(place("table"))).isFalse();
        assertThat(place("real/new").meets(place("table"))).isFalse();
    }

    private Place place(String name) throws IOException {
        return Place.of(new org.apache.hadoop.fs.Path(folder + "/" + name), new Configuration());
    }
}

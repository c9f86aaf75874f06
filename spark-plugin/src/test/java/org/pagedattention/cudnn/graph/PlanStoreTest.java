package org.pagedattention.cudnn.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanStoreTest {
    private static final Graph GRAPH = new Graph(16_384, "GELU");

    @TempDir
    Path folder;

    private final byte[] plan = new byte[70_000];

    private record Graph(long rows, String what) implements GraphKey {
        @Override
        public String kind() {
            return what;
        }

        @Override
        public ExecutionPlan build(Workbench bench) {
            throw new IllegalStateException("nothing is built here");
        }
    }

    @BeforeEach
    void fill() {
        new Random(4).nextBytes(plan);
    }

    @Test
    void keepsAPlanForTheNextProcess() {
        store("H100; cuDNN 9.19.0").keep(GRAPH, new PlanStore.Stored(0.25f, plan));
        PlanStore.Stored found = store("H100; cuDNN 9.19.0").find(GRAPH);
        assertThat(found).isNotNull();
        assertThat(found.plan()).isEqualTo(plan);
        assertThat(found.millis()).isEqualTo(0.25f);
    }

    @Test
    void tellsGraphsAndMachinesApart() {
        store("H100; cuDNN 9.19.0").keep(GRAPH, new PlanStore.Stored(0.25f, plan));
        assertThat(store("H200; cuDNN 9.19.0").find(GRAPH)).isNull();
        assertThat(store("H100; cuDNN 9.14.0").find(GRAPH)).isNull();
        assertThat(store("H100; cuDNN 9.19.0").find(new Graph(2048, "GELU"))).isNull();
    }

    @Test
    void takesNothingThatIsNotWhole() throws IOException {
        PlanStore store = store("H100");
        store.keep(GRAPH, new PlanStore.Stored(1, plan));
        Path file = files().get(0);
        byte[] whole = Files.readAllBytes(file);
        for (int end : new int[] {0, 1, 20, whole.length / 2, whole.length - 1}) {
            Files.write(file, Arrays.copyOf(whole, end));
            assertThat(store.find(GRAPH))
                    .as("%d bytes of %d", end, whole.length)
                    .isNull();
        }
        whole[whole.length - 7] ^= 1;
        Files.write(file, whole);
        assertThat(store.find(GRAPH)).as("a bit is another").isNull();
        store.keep(GRAPH, new PlanStore.Stored(1, plan));
        assertThat(store.find(GRAPH)).as("stored anew").isNotNull();
    }

    @Test
    void deletesOldPlansOfManyAndLeavesTheRest() throws IOException {
        for (int i = 0; i < 2001; i++) {
            Path old = Files.createFile(folder.resolve("old" + i + ".plan"));
            Files.setLastModifiedTime(old, FileTime.fromMillis(1_000_000L + i));
        }
        store("H100").keep(GRAPH, new PlanStore.Stored(1, plan));
        assertThat(files()).hasSize(1002);
        assertThat(store("H100").find(GRAPH)).isNotNull();
        assertThat(folder.resolve("old2000.plan")).exists();
        assertThat(folder.resolve("old0.plan")).doesNotExist();
    }

    @Test
    void doesWithoutAFolderThatIsGone() {
        PlanStore store = new PlanStore(folder.resolve("gone"), "H100");
        store.keep(GRAPH, new PlanStore.Stored(1, plan));
        assertThat(store.find(GRAPH)).isNull();
    }

    private PlanStore store(String machine) {
        return new PlanStore(folder, machine);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}

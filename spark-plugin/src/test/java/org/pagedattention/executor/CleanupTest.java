package org.pagedattention.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CleanupTest {
    private final Cleanup cleanup = new Cleanup();
    private final List<String> done = new ArrayList<>();

    @Test
    void undoesInReverseAndOnce() {
        cleanup.add(() -> done.add("first"));
        cleanup.add(() -> done.add("second"));
        cleanup.run();
        cleanup.run();
        assertThat(done).containsExactly("second", "first");
    }

    @Test
    void everyStepRunsAndEveryFailureIsSeen() {
        cleanup.add(() -> done.add("first"));
        cleanup.add(() -> {
            throw new UnsatisfiedLinkError("no library");
        });
        cleanup.add(() -> done.add("third"));
        cleanup.add(() -> {
            throw new IllegalStateException("stuck");
        });
        assertThatThrownBy(cleanup::run)
                .hasMessage("stuck")
                .satisfies(failure -> assertThat(failure.getSuppressed())
                        .singleElement()
                        .satisfies(other -> assertThat(other).hasMessageContaining("no library")));
        assertThat(done).containsExactly("third", "first");
    }
}

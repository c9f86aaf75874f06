package org.pagedattention.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttemptTest {
    private final List<String> done = new ArrayList<>();

    @Test
    void undoesWhatFailedAlone() {
        Attempt.orUndo(() -> done.add("work"), () -> done.add("undo"));
        assertThat(done).containsExactly("work");
        RuntimeException failure = new GpuException("first");
        assertThatThrownBy(() -> Attempt.orUndo(failing(failure), () -> done.add("undo")))
                .isSameAs(failure)
                .hasNoSuppressedExceptions();
        assertThat(done).containsExactly("work", "undo");
    }

    @Test
    void comesToItsEndInAnyCase() {
        Attempt.andThen(() -> done.add("work"), () -> done.add("last"));
        Error failure = new OutOfMemoryError("heap");
        assertThatThrownBy(() -> Attempt.andThen(failing(failure), () -> done.add("last again")))
                .isSameAs(failure);
        assertThat(done).containsExactly("work", "last", "last again");
        RuntimeException late = new GpuException("late");
        assertThatThrownBy(() -> Attempt.andThen(() -> {}, failing(late))).isSameAs(late);
    }

    @Test
    void tellsTheFirstFailureWithTheSecondAttached() {
        RuntimeException first = new GpuOutOfMemoryException("room", 1, 0);
        RuntimeException second = new GpuException("second");
        assertThatThrownBy(() -> Attempt.andThen(failing(first), failing(second)))
                .isSameAs(first)
                .hasSuppressedException(second);
        assertThatThrownBy(() -> Attempt.andThen(failing(second), failing(second)))
                .isSameAs(second)
                .hasNoSuppressedExceptions();
    }

    @Test
    void tellsOfALostGpuFirst() {
        RuntimeException first = new GpuException("first");
        RuntimeException lost = new GpuFatalException("lost");
        assertThatThrownBy(() -> Attempt.orUndo(failing(first), failing(lost)))
                .isSameAs(lost)
                .hasSuppressedException(first);
    }

    private static Runnable failing(Throwable failure) {
        return () -> {
            if (failure instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) failure;
        };
    }
}

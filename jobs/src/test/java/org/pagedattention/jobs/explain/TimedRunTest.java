package org.pagedattention.jobs.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Histogram;
import org.pagedattention.executor.Tally;

class TimedRunTest {

    private static List<Integer> runs(int table, double start, double secondsARow) {
        List<Integer> asked = new ArrayList<>();
        TimedRun last = TimedRun.grown(8, rows -> {
            asked.add(rows);
            int done = Math.min(rows, table);
            return new TimedRun(
                    new Tally().add(Figure.SEQUENCES, done),
                    new Histogram(),
                    done * secondsARow + (asked.size() == 1 ? start : 0));
        });
        assertThat(last.rows()).isEqualTo(Math.min(table, asked.get(asked.size() - 1)));
        return asked;
    }

    @Test
    void growsUntilItTakesLongEnoughAndNeverCountsTheFirst() {
        assertThat(runs(100_000, 5, 0.01)).containsExactly(8, 8, 32, 128, 512);
        assertThat(runs(100_000, 1, 1)).containsExactly(8, 8);
    }

    @Test
    void endsWithTheSample() {
        assertThat(runs(20, 1, 0.001)).containsExactly(8, 8, 32, 128);
        assertThat(runs(0, 1, 0.001)).containsExactly(8, 8, 32);
    }

    @Test
    void takesWhatItHasWhereLoadingTakesLong() {
        assertThat(runs(100_000, 60, 1)).containsExactly(8);
    }
}

package org.pagedattention.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pagedattention.executor.Stage;
import org.pagedattention.jobs.cli.TextTable;

class ScoreTimeTest {
    private static final ScoreTime TIME = new ScoreTime(
            1000,
            new EnumMap<>(Map.of(
                    Stage.READ,
                    100.0,
                    Stage.PACK,
                    20.0,
                    Stage.ATTENTION,
                    800.0,
                    Stage.ENCODE,
                    30.0,
                    Stage.WRITE,
                    50.0)));

    @Test
    void saysWhatIsNotAttention() {
        assertThat(TIME.shareWithoutAttention()).isCloseTo(0.2, within(1e-9));
        assertThat(TIME.json())
                .hasToString("{\"read\": 100.0, \"pack\": 20.0, \"attention\": 800.0, \"encode\": 30.0,"
                        + " \"write\": 50.0}");
        TextTable table = new TextTable();
        TIME.addTo(table);
        assertThat(table.toString()).contains("tasks, attention", "800 ms, 80%", "not attention", "20%");
    }

    @Test
    void takesTheRunInTheMiddle() {
        ScoreTime fast = new ScoreTime(1, TIME.taskMillis());
        ScoreTime slow = new ScoreTime(9000, TIME.taskMillis());
        assertThat(ScoreTime.median(List.of(slow, TIME, fast))).isSameAs(TIME);
    }
}

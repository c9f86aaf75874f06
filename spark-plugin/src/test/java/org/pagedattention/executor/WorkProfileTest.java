package org.pagedattention.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pagedattention.paging.SequenceLengths;

class WorkProfileTest {

    private static WorkProfile ofTask(String place, int rows) {
        WorkProfile profile = new WorkProfile();
        for (int i = 0; i < rows; i++) {
            profile.add(Tally.of(List.of(new SequenceLengths(3, 5))), 1000, 2000);
        }
        profile.endTask(place, new StageTimes(), rows, 3L * rows, 1000);
        return profile;
    }

    @Test
    void addsUpTasks() {
        WorkProfile all = new WorkProfile();
        assertThat(all.isEmpty()).isTrue();
        all.add(ofTask("1 on a", 2));
        all.add(ofTask("1 on a", 3));
        all.add(ofTask("2 on b", 4));
        assertThat(all.isEmpty()).isFalse();
        assertThat(all.lengths().counts()).isEqualTo(Map.of(5L, 9L));
        assertThat(all.places())
                .isEqualTo(Map.of(
                        "1 on a", new WorkProfile.Share(2, 5, 15, 2000),
                        "2 on b", new WorkProfile.Share(1, 4, 12, 1000)));
        assertThat(all.taskMillis().count()).isEqualTo(3);
        assertThat(all.pace().done().values().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum())
                .isBetween(26.9, 27.1);
    }

    @Test
    void keepsFewPlacesOfMany() {
        WorkProfile all = new WorkProfile();
        for (int i = 0; i < 1000; i++) {
            all.add(ofTask(i + " on a", 1));
        }
        assertThat(all.places()).hasSize(257).containsKey("others");
        assertThat(all.places().values().stream()
                        .mapToLong(WorkProfile.Share::rows)
                        .sum())
                .isEqualTo(1000);
    }
}

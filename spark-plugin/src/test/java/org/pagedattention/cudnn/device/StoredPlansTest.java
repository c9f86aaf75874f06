package org.pagedattention.cudnn.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StoredPlansTest {

    @Test
    void takesNoWordThatItDoesNotKnow() {
        assertThat(StoredPlans.wanted("")).isTrue();
        assertThat(StoredPlans.wanted("on")).isTrue();
        assertThat(StoredPlans.wanted("off")).isFalse();
        assertThatThrownBy(() -> StoredPlans.wanted("no"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("PAGED_ATTENTION_PLANS is 'no': set it to off, or leave it unset");
    }
}

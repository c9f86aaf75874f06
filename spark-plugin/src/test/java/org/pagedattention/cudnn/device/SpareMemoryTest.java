package org.pagedattention.cudnn.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pagedattention.device.DeviceMemoryException;

class SpareMemoryTest {
    private final SpareMemory spare = new SpareMemory();
    private final List<String> freed = new ArrayList<>();

    private SpareMemory.Block keep(String name) {
        return spare.keep(() -> freed.add(name));
    }

    /** Memory for one who needs so many blocks to be gone. */
    private String take(int needed) {
        return spare.take(() -> {
            if (freed.size() < needed) {
                throw new DeviceMemoryException("too little");
            }
            return "memory";
        });
    }

    @Test
    void givesUpTheOldestThatNobodyUsesAndNoMoreThanIsNeeded() {
        SpareMemory.Block used = keep("used");
        assertThat(used.use()).isTrue();
        keep("a");
        keep("b");
        keep("c");
        assertThat(take(0)).isEqualTo("memory");
        assertThat(freed).isEmpty();
        assertThat(take(2)).isEqualTo("memory");
        assertThat(freed).containsExactly("a", "b");
        assertThatThrownBy(() -> take(4)).hasMessage("too little");
        assertThat(freed).containsExactly("a", "b", "c");
        used.release();
        assertThat(take(4)).isEqualTo("memory");
        assertThat(used.isThere()).isFalse();
        assertThat(used.use()).isFalse();
        assertThat(spare.giveUp()).isFalse();
    }

    @Test
    void staysWhileOneOfItsUsersDoes() {
        SpareMemory.Block block = keep("a");
        assertThat(block.use()).isTrue();
        assertThat(block.use()).isTrue();
        block.release();
        assertThat(spare.giveUp()).isFalse();
        block.release();
        assertThat(spare.giveUp()).isTrue();
        assertThat(freed).containsExactly("a");
    }

    @Test
    void isFreedOnce() {
        SpareMemory.Block closed = keep("closed");
        closed.close();
        closed.close();
        SpareMemory.Block given = keep("given up");
        assertThat(spare.giveUp()).isTrue();
        given.close();
        assertThat(freed).containsExactly("closed", "given up");
        assertThat(spare.giveUp()).isFalse();
    }
}

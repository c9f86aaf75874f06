package org.pagedattention.backend.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Weight;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;

class NearTiesTest {

    /** Logits are 1, 1.25, 1.25 and 0. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "1, 0, 1",
        "2, 0, 0",
        "0, -0.5, 1",
        "1, -0.5, 1",
        "2, -0.5, 1",
        "3, -0.5, 0",
        "0, -0.125, 0",
        "1, 0.125, 0",
        "2, 0.125, 0"
    })
    void callsATokenTheMostProbableOneByItsLead(int target, double lead, float greedy) {
        PagedBatch pages = PagedBatch.plan(PageLayout.PACKED, 16, List.of(new SequenceLengths(1, 1)));
        try (ReferenceModels backend = new ReferenceModels(lead);
                Weight head = backend.hold(ElementType.FP32, Shape.of(4, 1), floats(1, 1.25f, 1.25f, 0));
                Pass pass = backend.begin(pages)) {
            var x = pass.upload(Shape.of(1, 1), rows -> rows.putFloat(1));
            assertThat(pass.read(pass.logProbs(x, head, new int[] {target})).get(1))
                    .isEqualTo(greedy);
        }
    }

    private static ByteBuffer floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes;
    }
}

package org.pagedattention.cudnn.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.backend.ModelType;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;
import org.pagedattention.tensor.StoredRows;

class TableFormTest {
    /** Two pieces and a row. */
    private static final int ROWS = 2 * (64 << 20) / (4 * 4096) + 1;

    /** Row {@code r} has {@code r} in its first column, and zeros behind it. */
    private record Numbered(ElementType type, int rows, int columns) implements StoredRows {
        @Override
        public Shape shape() {
            return Shape.of(rows, columns);
        }

        @Override
        public ByteBuffer rows(int first, int count) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(count * columns * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < count; i++) {
                type.put(bytes, i * columns * type.bytes(), first + i);
            }
            return bytes;
        }
    }

    @Test
    void comesInPiecesThatMakeTheWhole() {
        TableForm form = new TableForm(new Numbered(ElementType.FP32, ROWS, 4096), 1);
        ByteBuffer row = ByteBuffer.allocate(2 * 4096).order(ByteOrder.LITTLE_ENDIAN);
        int seen = 0;
        for (int first = 0; first < ROWS; first += form.rowsOfPiece()) {
            WeightForm piece = form.piece(first);
            piece.write(piece.rows() - 1, piece.rows(), ElementType.FP16, row);
            seen += piece.rows();
            assertThat(ElementType.FP16.get(row, 0)).isEqualTo(ElementType.FP16.round(seen - 1));
        }
        assertThat(seen).isEqualTo(ROWS);
    }

    @ParameterizedTest
    @CsvSource({
        "FP16, 100, 1, FP16",
        "BF16, 100, 1, BF16",
        "BF16, 100, 30, BF16",
        "FP32, 100, 1, FP16",
        "FP32, 100, 1000, BF16",
        "FP32, 40000, 1, BF16"
    })
    void takesFinerBitsWhereTheyReach(ElementType stored, int rows, float factor, ElementType expected) {
        assertThat(new TableForm(new Numbered(stored, rows, 8), factor).halfType(ModelType.AUTO))
                .isEqualTo(expected);
    }

    @Test
    void takesTheBitsThatAreAskedForOrRefuses() {
        TableForm large = new TableForm(new Numbered(ElementType.FP32, 40_000, 8), 1);
        assertThat(large.halfType(ModelType.BF16)).isEqualTo(ElementType.BF16);
        assertThatThrownBy(() -> large.halfType(ModelType.FP16)).hasMessageContaining("too large for fp16");
        assertThat(new TableForm(new Numbered(ElementType.BF16, 100, 8), 1).halfType(ModelType.FP16))
                .isEqualTo(ElementType.FP16);
    }

    @Test
    void multiplies() {
        TableForm form = new TableForm(new Numbered(ElementType.BF16, 9, 8), 2.5f);
        ByteBuffer row = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        form.piece(0).write(7, 8, ElementType.BF16, row);
        assertThat(ElementType.BF16.get(row, 0)).isEqualTo(17.5f);
    }
}

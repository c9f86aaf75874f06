package org.pagedattention.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Shape;
import org.pagedattention.tensor.StoredRows;

/** A backend for each test, and how near its numbers must be; {@link Matrix} is the judge. */
public abstract class PassFixture {
    ModelBackend backend;

    /** A backend to test; closed after each test. */
    protected abstract ModelBackend create();

    /** Largest error, as a part of the largest number of a result. */
    protected double tolerance() {
        return 5e-6;
    }

    @BeforeEach
    void open() {
        backend = create();
    }

    @AfterEach
    void close() {
        assertThat(backend.heldBytes()).isZero();
        backend.close();
    }

    /** Largest error of an activation, relative to the larger of 1 and its value. */
    protected double activationTolerance() {
        return 1e-6;
    }

    /** Whether rows of so many columns can be normalised; the others are refused. */
    protected boolean norms(int columns) {
        return true;
    }

    /** Whether heads of so many numbers can be turned; the others are refused. */
    protected boolean turns(int headDim) {
        return true;
    }

    Weight hold(Matrix matrix) {
        return backend.hold(ElementType.FP32, matrix.shape(), matrix.bytes());
    }

    Weight holdTable(Matrix matrix, float factor) {
        return backend.holdTable(
                new StoredRows() {
                    @Override
                    public ElementType type() {
                        return ElementType.FP32;
                    }

                    @Override
                    public Shape shape() {
                        return matrix.shape();
                    }

                    @Override
                    public ByteBuffer rows(int first, int count) {
                        return matrix.rows(first, first + count).bytes();
                    }
                },
                factor);
    }

    Weight holdVector(Matrix row) {
        return backend.hold(ElementType.FP32, Shape.of(row.columns()), row.bytes());
    }

    static Tensor upload(Pass pass, Matrix x) {
        return pass.upload(x.shape(), target -> target.asFloatBuffer().put(x.floats()));
    }

    /** The same for products with weights stored as {@code type}. */
    protected double tolerance(ElementType type) {
        return tolerance();
    }

    void check(Pass pass, Tensor actual, Matrix expected) {
        check(pass, actual, expected, tolerance());
    }

    void check(Pass pass, Tensor actual, Matrix expected, double tolerance) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        float[] values = pass.read(actual).array();
        double most = tolerance * Math.max(1, expected.largest());
        for (int i = 0; i < values.length; i++) {
            assertThat((double) values[i])
                    .as("row %d, column %d", i / expected.columns(), i % expected.columns())
                    .isCloseTo(expected.values()[i], within(most));
        }
    }

    static PagedBatch pages(int... tokens) {
        List<SequenceLengths> lengths =
                IntStream.of(tokens).mapToObj(n -> new SequenceLengths(n, n)).toList();
        return PagedBatch.plan(PageLayout.PACKED, 64, lengths);
    }
}

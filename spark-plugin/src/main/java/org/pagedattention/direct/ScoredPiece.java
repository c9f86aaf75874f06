package org.pagedattention.direct;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.columns.BadChunkException;
import org.pagedattention.columns.ColumnJob;
import org.pagedattention.columns.ColumnScorer;
import org.pagedattention.columns.EncodedFile;
import org.pagedattention.columns.EncodedImage;
import org.pagedattention.columns.GpuShare;
import org.pagedattention.direct.parquet.Piece;
import org.pagedattention.direct.parquet.PieceReader;
import org.pagedattention.executor.Stage;
import org.pagedattention.executor.StageTimes;
import org.pagedattention.executor.Tally;
import org.pagedattention.gpu.cudf.HostImage;

/**
 * A piece that was read and scored, and is yet to be written.
 *
 * @param image in host memory
 * @param times that it took so far
 */
record ScoredPiece(EncodedImage image, StageTimes times) implements AutoCloseable {

    /**
     * Reads and scores {@code piece}; for any thread.
     *
     * @throws BadPieceException when a row of it cannot be scored
     */
    static ScoredPiece of(Piece piece, PieceReader reader, ColumnJob job, AttentionBackend backend, GpuShare gpu) {
        StageTimes times = new StageTimes();
        try (HostImage image = times.time(Stage.FETCH, () -> image(piece, reader))) {
            return new ScoredPiece(ColumnScorer.score(job, backend, gpu, times, image, piece.plainBytes()), times);
        } catch (BadChunkException e) {
            throw new BadPieceException(piece, String.valueOf(e.getMessage()));
        }
    }

    /** The piece as a file in host memory; the caller closes it. */
    private static HostImage image(Piece piece, PieceReader reader) {
        HostImage image = HostImage.allocate(piece.imageBytes());
        try {
            reader.fill(piece, image::slice);
            return image;
        } catch (IOException e) {
            image.close();
            throw new UncheckedIOException("cannot read " + piece.path() + ": " + e.getMessage(), e);
        } catch (RuntimeException | Error e) {
            image.close();
            throw e;
        }
    }

    Tally tally() {
        return image.tally();
    }

    void moveTo(EncodedFile file) {
        try {
            image.moveTo(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        image.close();
    }
}

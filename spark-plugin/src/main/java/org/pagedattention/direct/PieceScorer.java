package org.pagedattention.direct;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.columns.BadChunkException;
import org.pagedattention.columns.ColumnJob;
import org.pagedattention.columns.ColumnScorer;
import org.pagedattention.columns.GpuShare;
import org.pagedattention.columns.ScoredImage;
import org.pagedattention.direct.parquet.Piece;
import org.pagedattention.direct.parquet.PieceReader;
import org.pagedattention.executor.Stage;
import org.pagedattention.executor.StageTimes;
import org.pagedattention.gpu.cudf.HostImage;

/**
 * Reads and scores pieces, in any thread.
 *
 * @param gpu shared with the other tasks of this process
 */
record PieceScorer(ColumnJob job, PieceReader reader, AttentionBackend backend, GpuShare gpu) {

    /**
     * Reads and scores {@code piece}.
     *
     * @throws BadPieceException when a row of it cannot be scored
     */
    ScoredImage score(Piece piece) {
        StageTimes times = new StageTimes();
        try (HostImage image = times.time(Stage.FETCH, () -> image(piece))) {
            return ColumnScorer.score(job, backend, gpu, times, image, piece.plainBytes());
        } catch (BadChunkException e) {
            throw new BadPieceException(piece, String.valueOf(e.getMessage()));
        }
    }

    /** The piece as a file in host memory; the caller closes it. */
    private HostImage image(Piece piece) {
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
}

package org.pagedattention.direct;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.pagedattention.attention.AttentionBackend;
import org.pagedattention.cudnn.columns.BadChunkException;
import org.pagedattention.cudnn.columns.ColumnJob;
import org.pagedattention.cudnn.columns.ColumnScorer;
import org.pagedattention.cudnn.columns.EncodedFile;
import org.pagedattention.cudnn.columns.EncodedImage;
import org.pagedattention.cudnn.columns.GpuShare;
import org.pagedattention.cudnn.columns.ScoredRows;
import org.pagedattention.cudnn.columns.StageTimes;
import org.pagedattention.cudnn.columns.StageTimes.Stage;
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
        try (HostImage image = times.time(Stage.FETCH, () -> reader.read(piece))) {
            return new ScoredPiece(ColumnScorer.score(job, backend, gpu, times, image, piece.plainBytes()), times);
        } catch (BadChunkException e) {
            throw new BadPieceException(piece, String.valueOf(e.getMessage()));
        }
    }

    ScoredRows figures() {
        return image.figures();
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

package org.pagedattention.inference;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.device.Halving;
import org.pagedattention.likelihood.Likelihood;
import org.pagedattention.likelihood.ScoredTokens;

/**
 * The passes of one task, window after window. Where a device works by itself, one pass waits there while another is
 * computed, so that it never waits for the task as long as {@link #progress} is called now and then. For one thread.
 */
public final class LikelihoodFlow implements AutoCloseable {
    private static final int MOST_UNDER_WAY = 2;

    private final LikelihoodModel model;
    private final long mostTokens;
    private final int mostSequences;
    /** Those that may have passes to start. */
    private final Deque<LikelihoodWindow> windows = new ArrayDeque<>();

    private final Deque<UnderWay> underWay = new ArrayDeque<>();

    private record UnderWay(LikelihoodWindow window, int[] parts, LikelihoodRun run) {}

    LikelihoodFlow(LikelihoodModel model, long mostTokens, int mostSequences) {
        this.model = model;
        this.mostTokens = mostTokens;
        this.mostSequences = mostSequences;
    }

    /** Takes parts on; starts passes at once where a device works by itself. */
    public LikelihoodWindow open(List<ScoredTokens> parts) {
        LikelihoodWindow window = new LikelihoodWindow(parts, model.passes(parts, mostTokens, mostSequences));
        windows.add(window);
        progress();
        return window;
    }

    /** Takes what has been computed meanwhile and starts what has not, without waiting. */
    public void progress() {
        if (!model.worksByItself()) {
            return;
        }
        while (!underWay.isEmpty() && underWay.element().run.isDone()) {
            finishOldest();
        }
        while (underWay.size() < MOST_UNDER_WAY && startNext()) {
            // one pass is computed, the next one waits at the device
        }
    }

    /**
     * Waits for a window.
     *
     * @return one likelihood a part
     * @throws DeviceMemoryException when a single part needs more memory than there is
     */
    public List<Likelihood> await(LikelihoodWindow window) {
        int most = model.worksByItself() ? MOST_UNDER_WAY : 1;
        while (!window.isDone()) {
            if (underWay.size() >= most || !(startNext(window) || startNext())) {
                finishOldest();
            }
        }
        abandon(window);
        return window.found();
    }

    /** Gives up what is still to come of a window. */
    public void abandon(LikelihoodWindow window) {
        windows.remove(window);
        for (UnderWay pass : List.copyOf(underWay)) {
            if (pass.window == window) {
                underWay.remove(pass);
                pass.run.close();
            }
        }
    }

    private boolean startNext() {
        while (!windows.isEmpty()) {
            if (startNext(windows.element())) {
                return true;
            }
            windows.remove();
        }
        return false;
    }

    private boolean startNext(LikelihoodWindow window) {
        int @Nullable [] parts = window.next();
        if (parts == null) {
            return false;
        }
        try {
            underWay.add(new UnderWay(window, parts, model.start(window.parts(parts))));
        } catch (DeviceMemoryException e) {
            // what is under way holds memory too
            while (!underWay.isEmpty()) {
                finishOldest();
            }
            inParts(window, parts);
        }
        return true;
    }

    private void finishOldest() {
        UnderWay oldest = underWay.remove();
        try (LikelihoodRun run = oldest.run) {
            oldest.window.take(oldest.parts, run);
            return;
        } catch (DeviceMemoryException e) {
            // its memory is free again below
        }
        inParts(oldest.window, oldest.parts);
    }

    private void inParts(LikelihoodWindow window, int[] parts) {
        Halving.Work compute = (from, to) -> {
            int[] some = Arrays.copyOfRange(parts, from, to);
            try (LikelihoodRun run = model.start(window.parts(some))) {
                window.take(some, run);
            }
        };
        Halving halving = new Halving(compute, compute);
        try {
            halving.run(0, parts.length);
        } catch (DeviceMemoryException e) {
            window.fail(e);
        } finally {
            window.countSplits(halving.splits());
        }
    }

    /** Gives up all that is to come. */
    @Override
    public void close() {
        windows.clear();
        while (!underWay.isEmpty()) {
            underWay.remove().run.close();
        }
    }
}

package org.pagedattention.inference;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.device.Halving;
import org.pagedattention.likelihood.Likelihood;
import org.pagedattention.likelihood.ScoredTokens;
import org.pagedattention.prefix.PlannedPass;

/**
 * The passes of one task, window after window. Each leaves to the next what their sequences begin with in common, as far as
 * there is room. Where a device works by itself, one pass waits there while another is computed, so that it never waits for
 * the task as long as {@link #progress} is called now and then. For one thread.
 */
public final class LikelihoodFlow implements AutoCloseable {
    private static final int MOST_UNDER_WAY = 2;

    private final LikelihoodModel model;
    private final long mostTokens;
    private final int mostSequences;
    /** Those that may have passes to start. */
    private final Deque<LikelihoodWindow> windows = new ArrayDeque<>();

    private final Deque<UnderWay> underWay = new ArrayDeque<>();
    /** What the last pass that was started has left. */
    private Beginning left = Beginning.nothing();

    /** Whether there was room the last time that something was to be kept. */
    private boolean keeps = true;

    private record UnderWay(LikelihoodWindow window, PlannedPass planned, LikelihoodRun run) {}

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
        if (left.pages() != null && left.pages().areGone()) {
            // if it were kept again, it could go again, and a long row never come to its end
            keepNothing();
        }
        PlannedPass planned = window.next(left.ids(), keeps);
        if (planned == null) {
            return false;
        }
        try {
            start(window, planned);
        } catch (DeviceMemoryException e) {
            // what is under way and what is kept hold memory too
            keepNothing();
            while (!underWay.isEmpty()) {
                finishOldest();
            }
            inParts(window, planned);
        }
        return true;
    }

    private void start(LikelihoodWindow window, PlannedPass planned) {
        Beginning past = planned.held() > 0 ? left.first(planned.held()) : Beginning.nothing();
        // what was left serves on where the next pass wants no more of it
        int keep = planned.keep() > planned.held() ? planned.keep() : 0;
        List<ScoredTokens> parts = window.parts(planned.sequences());
        LikelihoodRun run = model.start(parts, planned.from(), planned.end(), past, keep);
        underWay.add(new UnderWay(window, planned, run));
        KeptPages kept = run.kept();
        if (kept != null) {
            keeps = kept.tokens() > 0;
            int[] ids = Arrays.copyOf(window.part(planned.last()).tokens(), keep);
            leave(new Beginning(ids, kept.use()));
        } else if (planned.keep() == 0) {
            leave(Beginning.nothing());
        } else {
            left = past.first(planned.keep());
        }
    }

    private void keepNothing() {
        keeps = false;
        leave(Beginning.nothing());
    }

    /** Leaves something to the next pass instead of what is left now. */
    private void leave(Beginning next) {
        KeptPages before = left.pages();
        left = next;
        if (before != null) {
            before.letGo();
        }
        if (next.pages() != null && next.pages().tokens() == 0) {
            leave(Beginning.nothing());
        }
    }

    private void finishOldest() {
        UnderWay oldest = underWay.element();
        try {
            oldest.window.take(oldest.planned.sequences(), oldest.run);
        } catch (DeviceMemoryException e) {
            computeAllAgain();
            return;
        }
        underWay.remove();
        oldest.run.close();
    }

    /** A pass that failed has left nothing either to those behind it. */
    private void computeAllAgain() {
        List<UnderWay> all = new ArrayList<>(underWay);
        underWay.clear();
        all.forEach(pass -> pass.run.close());
        keepNothing();
        all.forEach(pass -> inParts(pass.window, pass.planned));
    }

    /** Computes a pass by itself, in halves where memory does not suffice; keeps nothing. */
    private void inParts(LikelihoodWindow window, PlannedPass planned) {
        Halving.Work compute = (from, to) -> {
            int[] some = Arrays.copyOfRange(planned.sequences(), from, to);
            int first = from == 0 ? planned.from() : 0;
            try (LikelihoodRun run = model.start(window.parts(some), first, planned.end(), Beginning.nothing(), 0)) {
                window.take(some, run);
            }
        };
        Halving halving = new Halving(compute, compute);
        try {
            halving.run(0, planned.sequences().length);
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
        leave(Beginning.nothing());
    }
}

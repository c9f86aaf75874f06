package org.pagedattention.inference;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.pagedattention.backend.KeptTokens;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.paging.PagedBatch;

/** Behaves as a device does: passes are done some time after they were started, and memory may run out. */
final class LateBackend {
    /** What became of passes, one after the other, such as start 0, start 1, read 0. */
    final List<String> events = new ArrayList<>();

    /** Whether passes that were started are done. */
    boolean done;

    /** Which starts, from 0 on, find too little memory. */
    IntPredicate fails = start -> false;

    /** Tokens of a pass for which there is memory. */
    int mostTokens = Integer.MAX_VALUE;

    /** Which of what was kept, from 0 on, has to make room for others before a pass goes on behind it. */
    IntPredicate loses = kept -> false;

    /** Whether that can be seen beforehand. */
    boolean losesInSight;

    /** Passes that were begun and not closed. */
    int open;

    private int starts;
    /** What was kept, and what its backend calls it. */
    private final Map<KeptTokens, KeptTokens> kept = new IdentityHashMap<>();

    private final Set<KeptTokens> lost = Collections.newSetFromMap(new IdentityHashMap<>());

    private interface Call {
        Object make() throws Throwable;
    }

    private interface Change {
        Object apply(String method, Object[] arguments, Call call) throws Throwable;
    }

    /** A backend that computes as another one does. */
    ModelBackend over(ModelBackend computes) {
        return proxy(ModelBackend.class, computes, (method, arguments, call) -> switch (method) {
            case "worksByItself" -> true;
            case "begin" -> {
                arguments[1] = arguments[1] == null ? null : there((KeptTokens) arguments[1]);
                yield begun((Pass) call.make(), (PagedBatch) arguments[0]);
            }
            default -> call.make();
        });
    }

    private KeptTokens there(KeptTokens asked) {
        if (lost.contains(asked)) {
            throw new DeviceMemoryException("what was kept is gone");
        }
        return kept.get(asked);
    }

    private Pass begun(Pass computes, PagedBatch pages) {
        open++;
        int[] number = {-1};
        boolean[] flies = {false};
        return proxy(Pass.class, computes, (method, arguments, call) -> {
            switch (method) {
                case "start" -> {
                    number[0] = starts++;
                    if (fails.test(number[0]) || pages.queryTokens() > mostTokens) {
                        throw new DeviceMemoryException("no memory for " + pages.queryTokens() + " tokens");
                    }
                    events.add("start " + number[0]);
                    flies[0] = true;
                }
                case "isDone" -> {
                    return done;
                }
                case "keep" -> {
                    return kept((KeptTokens) call.make(), flies);
                }
                case "read" -> {
                    events.add("read " + number[0]);
                    flies[0] = false;
                }
                case "close" -> {
                    open--;
                    flies[0] = false;
                }
                default -> {}
            }
            return call.make();
        });
    }

    /** What a pass keeps, which nobody may give back while the pass may still write it. */
    private KeptTokens kept(KeptTokens computes, boolean[] flies) {
        boolean loses = this.loses.test(kept.size());
        boolean[] known = {false};
        KeptTokens made = proxy(KeptTokens.class, computes, (method, arguments, call) -> {
            if (method.equals("tokens") && loses && losesInSight) {
                boolean gone = known[0];
                known[0] = true;
                return gone ? 0 : call.make();
            }
            if (method.equals("close") && flies[0]) {
                throw new IllegalStateException("memory is given back that a pass still writes");
            }
            return call.make();
        });
        kept.put(made, computes);
        if (loses) {
            lost.add(made);
        }
        return made;
    }

    private static <T> T proxy(Class<T> type, T computes, Change change) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> change.apply(method.getName(), arguments, () -> {
                    try {
                        return method.invoke(computes, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                })));
    }
}

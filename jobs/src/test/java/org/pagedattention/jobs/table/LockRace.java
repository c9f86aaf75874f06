package org.pagedattention.jobs.table;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Many that want one lock at the same moment. */
record LockRace(List<RunLock> locks, List<Throwable> refusals) {

    /** Waits until each has the lock or was refused it. */
    static LockRace of(int many, Supplier<RunLock> take) {
        ExecutorService drivers = Executors.newFixedThreadPool(many);
        CyclicBarrier start = new CyclicBarrier(many);
        List<CompletableFuture<RunLock>> wishes = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            wishes.add(CompletableFuture.supplyAsync(
                    () -> {
                        await(start);
                        return take.get();
                    },
                    drivers));
        }
        LockRace race = new LockRace(new ArrayList<>(), new ArrayList<>());
        for (CompletableFuture<RunLock> wish : wishes) {
            try {
                race.locks.add(wish.join());
            } catch (CompletionException e) {
                race.refusals.add(e.getCause());
            }
        }
        drivers.shutdown();
        return race;
    }

    private static void await(CyclicBarrier start) {
        try {
            start.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}

package org.pagedattention.backend;

/**
 * Keys and values of some tokens, of every attention of a pass, which stay where the backend computes: another pass, of the
 * same model, has them in its first token slots. For one thread; whoever asked for them closes them, after every pass that
 * was begun behind them, and after the one that leaves them.
 */
public interface KeptTokens extends AutoCloseable {

    /**
     * How many they are: as many as were asked for, or 0 where there was no room, or is none any more: a backend may give up
     * what no pass is at work with. Known once their pass was started.
     */
    int tokens();

    /** Gives their memory back; a second call does nothing. */
    @Override
    void close();
}

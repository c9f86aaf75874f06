package org.pagedattention.jobs.report;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.executor.Tally;
import org.pagedattention.executor.WorkProfile;
import org.pagedattention.scoring.models.ModelFacts;

/**
 * How a run went.
 *
 * @param job the command's name
 * @param output the table that was written
 * @param rows what rows are called
 * @param figures what was done
 * @param profile how it went
 * @param seconds it took
 * @param backend what computed, and why
 * @param places where it was computed
 * @param summary what the job says at its end
 * @param model what is known of the model; null for work without one
 */
public record RunFigures(
        String job,
        String output,
        String rows,
        Tally figures,
        WorkProfile profile,
        double seconds,
        String backend,
        List<Fact> places,
        List<Fact> summary,
        @Nullable ModelFacts model) {}

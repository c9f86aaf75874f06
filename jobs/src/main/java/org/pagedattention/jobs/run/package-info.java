/**
 * A job from table to table, whatever its workload: the options that all such jobs share, the places they read and write,
 * a run in one go or in units that a later run goes on with, the account of its rows, and its summary. A command mixes in
 * {@code TableOptions}, opens a {@code TableJob} and gives it a workload, all on the command's own thread. What a user can
 * mend throws {@code IllegalArgumentException} with the option's name, what only shows while rows are done {@code
 * JobFailedException}.
 */
@NullMarked
package org.pagedattention.jobs.run;

import org.jspecify.annotations.NullMarked;

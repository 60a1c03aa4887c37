// Spreads simulations over a few workers.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Job, JobResult } from './job.ts'

/**
 * Runs all jobs, `workers` at a time.
 * @param done - told of each as it ends, in any order; says whether to go on
 */
export async function runAll(
  jobs: readonly Job[],
  workers: number,
  done: (result: JobResult) => boolean,
): Promise<void> {
  const waiting = [...jobs]
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, () => work(waiting, done)))
}

async function work(waiting: Job[], done: (result: JobResult) => boolean): Promise<void> {
  let worker: Worker | undefined
  try {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      worker ??= new Worker(new URL('worker.ts', import.meta.url))
      const result = await runIn(worker, job)
      if ('error' in result) {
        // It may be dead, or busy with what the run left behind.
        await worker.terminate()
        worker = undefined
      }
      if (!done(result)) waiting.length = 0
    }
  } finally {
    await worker?.terminate()
  }
}

async function runIn(worker: Worker, job: Job): Promise<JobResult> {
  try {
    worker.postMessage(job)
    const [result] = (await once(worker, 'message')) as [JobResult]
    return result
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error), job }
  }
}

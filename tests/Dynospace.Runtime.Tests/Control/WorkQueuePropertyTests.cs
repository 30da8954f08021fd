using System.Collections.Concurrent;
using CsCheck;
using Dynospace.Runtime.Control;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Runtime.Tests.Control;

/// <summary>No key is lost and none is handed out twice at once, under any interleaving.</summary>
public sealed class WorkQueuePropertyTests
{
    private enum Step
    {
        Add,
        AddLater,
        Take,
        Finish,
        Fail,
        Wait,
    }

    /// <summary>One step at a time against a model, so that a failure shrinks to the shortest sequence.</summary>
    [Fact]
    public void Queue_follows_its_model() => Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 4]).Array[0, 80].Sample(steps =>
    {
        var clock = new FakeTimeProvider();
        using var queue = new WorkQueue(
            "model", new WorkQueueOptions { MaximumDelay = TimeSpan.FromSeconds(1) }, clock);
        var waiting = new HashSet<ObjectKey>();
        var later = new HashSet<ObjectKey>();
        var processing = new List<ObjectKey>();
        foreach (var (step, number) in steps)
        {
            var key = new ObjectKey("ns", $"k{number}");
            switch (step)
            {
                case Step.Add:
                    queue.Add(key);
                    waiting.Add(key);
                    break;
                case Step.AddLater:
                    queue.AddAfter(key, TimeSpan.FromMilliseconds(1 + number));
                    later.Add(key);
                    break;
                case Step.Take when waiting.Except(processing).Any():
                    var taken = queue.DequeueAsync(CancellationToken.None).AsTask();
                    Assert.True(taken.IsCompletedSuccessfully, "a key waits and none is handed out");
                    var handedOut = taken.GetAwaiter().GetResult()!.Value;
                    Assert.DoesNotContain(handedOut, processing);
                    Assert.True(waiting.Remove(handedOut), "a key is handed out that nobody added");
                    processing.Add(handedOut);
                    break;
                case Step.Finish or Step.Fail when processing.Count > 0:
                    var finished = processing[number % processing.Count];
                    if (step == Step.Fail)
                    {
                        queue.AddRateLimited(finished);
                        later.Add(finished);
                    }

                    queue.Done(finished);
                    processing.Remove(finished);
                    break;
                case Step.Wait:
                    clock.Advance(TimeSpan.FromSeconds(2));
                    waiting.UnionWith(later);
                    later.Clear();
                    break;
                default:
                    break;
            }

            Assert.Equal(waiting.Count, queue.Depth);
        }
    });

    /// <summary>Real threads: every change that was announced is seen by a reconcile that began after it.</summary>
    [Fact]
    public Task Workers_see_every_change_and_never_share_a_key() =>
        Gen.Select(Gen.Int[1, 8], Gen.Int[1, 6], Gen.Int[0, 1000]).SampleAsync(
        async (workers, keys, seed) =>
        {
            using var queue = new WorkQueue(
                "threads",
                new WorkQueueOptions
                {
                    BaseDelay = TimeSpan.FromMilliseconds(
                    1),
                    MaximumDelay = TimeSpan.FromMilliseconds(2)
                },
                TimeProvider.System);
            var changes = new int[keys];
            var seen = new int[keys];
            var busy = new int[keys];
            var errors = new ConcurrentQueue<string>();
            var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var producing = true;

            async Task WorkAsync(Random random)
            {
                while (await queue.DequeueAsync(TestContext.Current.CancellationToken) is { } key)
                {
                    var i = int.Parse(key.Name, System.Globalization.CultureInfo.InvariantCulture);
                    if (Interlocked.Increment(ref busy[i]) != 1)
                    {
                        errors.Enqueue($"{key} is processed twice at once");
                    }

                    var change = Volatile.Read(ref changes[i]);
                    await Task.Yield();
                    var fails = random.Next(4) == 0;
                    Volatile.Write(ref seen[i], fails ? Volatile.Read(ref seen[i]) : change);
                    Interlocked.Decrement(ref busy[i]);
                    if (fails)
                    {
                        queue.AddRateLimited(key);
                    }

                    queue.Done(key);
                    if (!Volatile.Read(ref producing) && Enumerable.Range(0, keys).All(k => seen[k] == changes[k]))
                    {
                        settled.TrySetResult();
                    }
                }
            }

            var working = Enumerable.Range(0, workers).Select(w =>
                Task.Run(() => WorkAsync(new Random(seed + w)))).ToList();
            var random = new Random(seed);
            for (var i = 0; i < 200; i++)
            {
                Announce(random.Next(keys));
                if (i % 16 == 0)
                {
                    await Task.Yield();
                }
            }

            Volatile.Write(ref producing, false);
            Announce(0); // one more, so that a worker looks after the flag whether all is done
            await settled.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            queue.ShutDown();
            await Task.WhenAll(working);
            Assert.Empty(errors);

            void Announce(int key)
            {
                Interlocked.Increment(ref changes[key]);
                queue.Add(new ObjectKey(null, key.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            }
        },
        iter: 60,
        threads: 1);
}

using System.Collections.Concurrent;
using CsCheck;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Tests.Support;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.Runtime.Tests.Caching;

/// <summary>
/// Whatever happens between the informer and the server, in the end the store and all handlers know what the server
/// holds.
/// </summary>
public sealed class InformerPropertyTests
{
    private const string Sentinel = "zz-sentinel";

    private static readonly Gen<(int Kind, int Name, int Value)[]> Operations =
        Gen.Select(Gen.Int[0, 13], Gen.Int[0, 6], Gen.Int[0, 99]).Array[0, 40];

    [Fact]
    public Task Store_and_handlers_agree_with_the_server_after_any_disturbance() => Operations.SampleAsync(
        async operations =>
        {
            var cluster = new MemoryCluster();
            var announced = new ConcurrentDictionary<string, string>();
            var errors = new ConcurrentQueue<string>();
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var informer = Informer(cluster);
            informer.AddHandler(change => Follow(change, informer, announced, errors, done));
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var running = Task.Run(() => informer.RunAsync(stop.Token));
            foreach (var operation in operations)
            {
                Do(cluster, operation);
                await Task.Yield();
            }

            cluster.Set(Sentinel, "x");
            await done.Task.WaitAsync(TestContext.Current.CancellationToken);
            await stop.CancelAsync();
            await running;

            var expected = cluster.Content.OrderBy(o => o.Key).ToList();
            Assert.Equal(expected, informer.Store.List().ToDictionary(m =>
                m.Metadata.Name, m => m.Data["value"]).OrderBy(o => o.Key));
            Assert.Equal(expected, announced.OrderBy(o => o.Key));
            Assert.Empty(errors);
            foreach (var group in expected.GroupBy(o => o.Value))
            {
                Assert.Equal(
                    group.Select(o => o.Key),
                    informer.Store.ByIndex("value", group.Key).Select(m => m.Metadata.Name).Order());
            }
        },
        iter: 300,
        threads: 2);

    private static Informer<V1ConfigMap> Informer(MemoryCluster cluster) => new(
        cluster,
        Objects.ConfigMaps,
        new InformerOptions<V1ConfigMap>
        {
            Indexers = new Dictionary<string, Func<V1ConfigMap, IEnumerable<string>>>
            {
                ["value"] = m =>
                [m.Data["value"]]
            },
            Timing = InformerFixture.Quick with { PageSize = 2 },
        },
        TimeProvider.System,
        NullLogger<Informer<V1ConfigMap>>.Instance);

    private static void Do(MemoryCluster cluster, (int Kind, int Name, int Value) operation)
    {
        switch (operation.Kind)
        {
            case 0:
                cluster.CutWatches();
                break;
            case 1:
                cluster.Compact();
                cluster.CutWatches();
                break;
            case 2:
                cluster.Compact();
                break;
            case 3:
                cluster.Garble();
                break;
            case 4:
                cluster.Fail(1 + (operation.Value % 3));
                cluster.CutWatches();
                break;
            case <= 7:
                cluster.Delete($"m{operation.Name}");
                break;
            default:
                cluster.Set($"m{operation.Name}", $"v{operation.Value % 3}");
                break;
        }
    }

    private static void Follow(
        ObjectChange<V1ConfigMap> change,
        Informer<V1ConfigMap> informer,
        ConcurrentDictionary<string, string> announced,
        ConcurrentQueue<string> errors,
        TaskCompletionSource done)
    {
        var name = change.Key.Name;
        var before = announced.GetValueOrDefault(name);
        if (before != change.Old?.Data["value"])
        {
            errors.Enqueue($"{name} was {before} and is announced to have been {change.Old?.Data["value"]}");
        }

        if (informer.Store.Get(change.Key) != change.New)
        {
            errors.Enqueue($"{name} is announced before the store knows");
        }

        if (change.New is null)
        {
            announced.TryRemove(name, out _);
        }
        else
        {
            announced[name] = change.New.Data["value"];
        }

        if (name == Sentinel)
        {
            done.TrySetResult();
        }
    }
}

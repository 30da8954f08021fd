using System.Collections.Concurrent;
using Dynospace.Testing.Networks;

namespace Dynospace.Benchmarks.Egress;

/// <summary>A thread that stays in a network namespace and does there what it is given.</summary>
internal sealed class NamespaceThread
{
    private readonly BlockingCollection<Action> _work = [];

    public NamespaceThread(NetworkNamespace place)
    {
        var running = new Thread(() => place.Run(() =>
        {
            foreach (var action in _work.GetConsumingEnumerable())
            {
                action();
            }

            return true;
        }))
        {
            IsBackground = true,
        };
        running.Start();
    }

    public T Run<T>(Func<T> action)
    {
        using var done = new ManualResetEventSlim();
        T result = default!;
        _work.Add(() =>
        {
            result = action();
            done.Set();
        });
        done.Wait();
        return result;
    }
}

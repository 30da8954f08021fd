using System.Threading.Channels;
using Dynospace.Runtime.Control;

namespace Dynospace.Runtime.Tests.Support;

/// <summary>Waits in each call for the test to say how it ends.</summary>
internal sealed class ScriptedReconciler : IReconciler
{
    private readonly Channel<(ObjectKey Key, TaskCompletionSource<Func<ReconcileResult>> End)> _calls =
        Channel.CreateUnbounded<(ObjectKey, TaskCompletionSource<Func<ReconcileResult>>)>();
    private int _count;
    private volatile bool _isReleased;

    public int Calls => Volatile.Read(ref _count);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var end = new TaskCompletionSource<Func<ReconcileResult>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls.Writer.TryWrite((key, end));
        Interlocked.Increment(ref _count);
        return _isReleased ? ReconcileResult.Done : (await end.Task.WaitAsync(cancellationToken))();
    }

    public async Task<string> NextAsync(Func<ReconcileResult> end)
    {
        var call = await _calls.Reader.ReadAsync(TestContext.Current.CancellationToken);
        call.End.SetResult(end);
        return call.Key.ToString();
    }

    public async Task HangNextAsync() => await _calls.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public void ReleaseAll() => _isReleased = true;
}

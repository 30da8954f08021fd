using System.Text;

namespace Dynospace.Gate.Tests;

/// <summary>What a program writes, for tests that wait for a part of it.</summary>
internal sealed class Transcript
{
    private readonly StringBuilder _text = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _more = New();
    private bool _isComplete;

    /// <param name="read">Reads more of it; 0 at the end.</param>
    public Transcript(Func<byte[], int> read) => new Thread(() =>
    {
        var buffer = new byte[4096];
        while (read(buffer) is var count && count > 0)
        {
            Add(Encoding.UTF8.GetString(buffer, 0, count), isComplete: false);
        }

        Add("", isComplete: true);
    })
    {
        IsBackground = true,
    }.Start();

    public override string ToString()
    {
        lock (_lock)
        {
            return _text.ToString();
        }
    }

    /// <summary>Waits until a text is in it.</summary>
    public Task<string> UntilAsync(string text) =>
        UntilAsync(all => all.Contains(text, StringComparison.Ordinal), text);

    /// <summary>All of it, once it has ended.</summary>
    public Task<string> AllAsync() => UntilAsync(_ => false, null);

    private async Task<string> UntilAsync(Func<string, bool> isFound, string? wanted)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                var text = _text.ToString();
                if (isFound(text) || (_isComplete && wanted is null))
                {
                    return text;
                }

                Assert.False(_isComplete, $"'{wanted}' was not written, but: {text}");
                more = _more.Task;
            }

            await more.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        }
    }

    private void Add(string text, bool isComplete)
    {
        lock (_lock)
        {
            _text.Append(text);
            _isComplete = isComplete;
            _more.TrySetResult();
            _more = New();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

using System.Globalization;
using System.Text;

namespace DevCluster.Network.Pods;

/// <summary>The newest megabyte of a container's output. Readers can wait for more.</summary>
internal sealed class ContainerLog(TimeProvider clock)
{
    private const int Limit = 1024 * 1024;

    /// <summary>Longer lines are truncated.</summary>
    public const int LongestLine = 16 * 1024;

    private readonly Lock _lock = new();
    private readonly LinkedList<LogLine> _lines = [];
    private long _next;
    private int _size;
    private bool _isComplete;
    private TaskCompletionSource _more = New();

    public void Add(string text)
    {
        lock (_lock)
        {
            _lines.AddLast(new LogLine(_next++, clock.GetUtcNow(), text));
            _size += text.Length;
            while (_size > Limit && _lines.First is { } first)
            {
                _size -= first.Value.Text.Length;
                _lines.RemoveFirst();
            }

            Wake();
        }
    }

    /// <summary>Marks the end of the log.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _isComplete = true;
            Wake();
        }
    }

    /// <summary>Lines starting at a number, and a task that completes when more arrive; null at the end.</summary>
    public (IReadOnlyList<LogLine> Lines, Task? More) From(long number)
    {
        lock (_lock)
        {
            return ([.. _lines.SkipWhile(line => line.Number < number)], _isComplete ? null : _more.Task);
        }
    }

    /// <summary>The last characters of the log.</summary>
    public string End(int length)
    {
        lock (_lock)
        {
            var text = string.Concat(_lines.Select(line => line.Text + "\n"));
            return text.Length <= length ? text : text[^length..];
        }
    }

    private void Wake()
    {
        _more.TrySetResult();
        _more = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>One line of a log.</summary>
internal sealed record LogLine(long Number, DateTimeOffset Time, string Text)
{
    public byte[] ToBytes(bool hasTime) => Encoding.UTF8.GetBytes(
        hasTime
            ? string.Create(
                CultureInfo.InvariantCulture, $"{Time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fffffff00'Z'} {Text}\n")
            : Text + "\n");
}

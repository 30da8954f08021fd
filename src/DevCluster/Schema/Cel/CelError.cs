namespace DevCluster.Schema.Cel;

/// <summary>
/// The outcome of an evaluation that failed. A value, because <c>&amp;&amp;</c> and <c>||</c> may absorb it.
/// </summary>
internal sealed record CelError(string Message)
{
    public static CelError NoSuchOverload { get; } = new("no such overload");

    public static CelError IntegerOverflow { get; } = new("integer overflow");

    public static CelError UnsignedOverflow { get; } = new("unsigned integer overflow");

    public static CelError DurationOverflow { get; } = new("duration overflow");

    public static CelError TimestampOverflow { get; } = new("timestamp overflow");

    public static CelError NoSuchKey(object key) => new($"no such key: {CelValues.Show(key)}");
}

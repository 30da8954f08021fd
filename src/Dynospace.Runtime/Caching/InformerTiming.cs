namespace Dynospace.Runtime.Caching;

/// <summary>The timing of lists and watches.</summary>
public sealed record InformerTiming
{
    /// <summary>How many objects a page of a list holds.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>
    /// How long the server shall keep a watch, at most; up to a tenth is taken off by chance so that watches do not end together. Below
    /// the five minutes after which some proxies cut.
    /// </summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromSeconds(290);

    /// <summary>
    /// How long a watch may be silent before it counts as half-open and is resumed: twice the API server's interval of bookmarks.
    /// </summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>A watch that ends sooner than this is not resumed at once, or a broken proxy would be asked in a tight loop.</summary>
    public TimeSpan ShortestWatch { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The first pause after a failure; each further one doubles it.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause; short, since a list costs the server little and people wait for it.</summary>
    public TimeSpan MaximumBackoff { get; init; } = TimeSpan.FromSeconds(10);
}

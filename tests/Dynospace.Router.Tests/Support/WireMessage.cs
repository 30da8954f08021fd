namespace Dynospace.Router.Tests.Support;

/// <summary>A request or response as it was on the wire.</summary>
internal sealed record WireMessage(string FirstLine, IReadOnlyList<(string Name, string Value)> Headers)
{
    public string Body { get; init; } = "";

    /// <summary>Of a response.</summary>
    public int Status => int.Parse(FirstLine.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    public string? Header(string name)
    {
        var values = Headers.Where(
            header =>
                header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).ToList();
        return values.Count == 0 ? null : string.Join(" | ", values);
    }
}

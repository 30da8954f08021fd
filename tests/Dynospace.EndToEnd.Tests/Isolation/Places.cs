using System.Text.Json;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>
/// The world beyond the cluster, as a JSON file describes it that <c>DYNOSPACE_TEST_PLACES</c> names.
/// </summary>
internal static class Places
{
    public const string Variable = "DYNOSPACE_TEST_PLACES";

    private static readonly Lazy<IReadOnlyList<Place>> Read = new(() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file
            ? JsonSerializer.Deserialize<Place[]>(File.ReadAllText(file), JsonSerializerOptions.Web) ?? []
            : []);

    private static IReadOnlyList<Place>? _own;

    public static IReadOnlyList<Place> Given => _own ?? Read.Value;

    public static Place? Caller(string name) =>
        Given.FirstOrDefault(place => place.Name == name && place.Run is { Count: > 0 });

    /// <summary>
    /// From now on the places of a cluster that these tests start themselves: its tests run alone, after all others.
    /// </summary>
    public static void Use(IReadOnlyList<Place> places) => _own = places;
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dynospace.Planning.Tests.Samples;

/// <summary>Statuses are records with lists, whose equality is by reference: tests compare what they say.</summary>
internal static class StatusText
{
    private static readonly JsonSerializerOptions Options = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static bool IsEquivalentTo<TStatus>(this TStatus status, TStatus? other)
        where TStatus : class =>
        JsonSerializer.Serialize(status, Options) == JsonSerializer.Serialize(other, Options);
}

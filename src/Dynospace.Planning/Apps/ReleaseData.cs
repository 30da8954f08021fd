using System.Text.Json.Serialization;

namespace Dynospace.Planning.Apps;

/// <summary>A release as it is stored. The names are for ever: revisions of older operators must be readable.</summary>
internal sealed class ReleaseData
{
    [JsonPropertyName("hash")]
    public string? Hash { get; set; }

    [JsonPropertyName("image")]
    public string? Image { get; set; }

    [JsonPropertyName("config")]
    public SortedDictionary<string, string>? Config { get; set; }

    [JsonPropertyName("configFrom")]
    public IReadOnlyList<string>? ConfigFrom { get; set; }

    [JsonPropertyName("imagePullSecrets")]
    public IReadOnlyList<string>? ImagePullSecrets { get; set; }

    [JsonPropertyName("commands")]
    public SortedDictionary<string, IReadOnlyList<string>>? Commands { get; set; }

    [JsonPropertyName("releaseCommand")]
    public IReadOnlyList<string>? ReleaseCommand { get; set; }
}

using System.Text.Json.Serialization;

namespace Dynospace.Planning.Apps;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReleaseData))]
internal sealed partial class ReleaseDataContext : JsonSerializerContext;

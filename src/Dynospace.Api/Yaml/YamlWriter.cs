// Yaml: writes manifests as YAML that is the same on every machine.

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Dynospace.Api.Yaml;

/// <summary>Writes JSON as block YAML in the order of its fields: the same document gives the same bytes.</summary>
public static partial class YamlWriter
{
    /// <summary>Writes one document, without a marker at its beginning.</summary>
    public static string Write(JsonNode node)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings().WithBestWidth(int.MaxValue).WithIndentedSequences());
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Write(emitter, node);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Write(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject { Count: 0 }:
                emitter.Emit(new MappingStart(null, null, isImplicit: true, MappingStyle.Flow));
                emitter.Emit(new MappingEnd());
                break;
            case JsonObject mapping:
                WriteMapping(emitter, mapping);
                break;
            case JsonArray { Count: 0 }:
                emitter.Emit(new SequenceStart(null, null, isImplicit: true, SequenceStyle.Flow));
                emitter.Emit(new SequenceEnd());
                break;
            case JsonArray sequence:
                WriteSequence(emitter, sequence);
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                WriteText(emitter, value.GetValue<string>());
                break;
            default:
                emitter.Emit(new Scalar(node?.ToJsonString() ?? "null"));
                break;
        }
    }

    private static void WriteMapping(Emitter emitter, JsonObject mapping)
    {
        emitter.Emit(new MappingStart(null, null, isImplicit: true, MappingStyle.Block));
        foreach (var (key, value) in mapping)
        {
            WriteText(emitter, key);
            Write(emitter, value);
        }

        emitter.Emit(new MappingEnd());
    }

    private static void WriteSequence(Emitter emitter, JsonArray sequence)
    {
        emitter.Emit(new SequenceStart(null, null, isImplicit: true, SequenceStyle.Block));
        foreach (var item in sequence)
        {
            Write(emitter, item);
        }

        emitter.Emit(new SequenceEnd());
    }

    private static void WriteText(Emitter emitter, string text)
    {
        // Readers of YAML 1.1 and 1.2 differ in what a bare word means; quotes leave no doubt.
        var style = ReadsAsOtherType().IsMatch(text) ? ScalarStyle.DoubleQuoted : ScalarStyle.Any;
        emitter.Emit(new Scalar(null, null, text, style, isPlainImplicit: true, isQuotedImplicit: true));
    }

    [GeneratedRegex(
        @"^(~|null|true|false|yes|no|on|off|y|n|[-+.]?[0-9].*|[-+]?\.(inf|nan))$|^$", RegexOptions.IgnoreCase)]
    private static partial Regex ReadsAsOtherType();
}

using System.Buffers;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace DevCluster.Schema.Yaml;

/// <summary>
/// Converts one document to JSON. It reads events instead of YamlDotNet's node tree, whose loader recurses without a
/// limit: depth, self-references and alias expansion are bounded here.
/// </summary>
internal sealed class YamlDocument
{
    /// <summary>
    /// The maximum nesting depth; the API server's limit is higher, but API objects are far below it.
    /// </summary>
    public const int MaxDepth = JsonParser.MaxDepth;

    private static readonly SearchValues<char> Controls = SearchValues.Create(
        [
            .. Enumerable.Range(0, 0xA0)
                .Where(i => i is not ('\t' or '\n' or '\r' or 0x85 or (>= 0x20 and < 0x7F)))
                .Select(i => (char)i),
        ]);

    private readonly int _firstLine;
    private readonly ICollection<string>? _duplicates;
    private readonly Dictionary<string, Node> _anchors = new(StringComparer.Ordinal);
    private readonly HashSet<Node> _open = [];
    private int _decoded;
    private int _aliased;
    private int _aliasDepth;

    private YamlDocument(int firstLine, ICollection<string>? duplicates) =>
        (_firstLine, _duplicates) = (firstLine, duplicates);

    /// <param name="firstLine">The number of lines before this document, for messages.</param>
    public static JsonNode? Read(string text, int firstLine, ICollection<string>? duplicates)
    {
        var document = new YamlDocument(firstLine, duplicates);
        if (text.AsSpan().IndexOfAny(Controls) is >= 0 and var at)
        {
            var line = text.AsSpan(0, at).Count('\n') + 1;
            throw new FormatException(
                $"line {line + firstLine}: control characters are not allowed: write them as escapes");
        }

        var parser = new Parser(new StringReader(text));
        try
        {
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                return null;
            }

            parser.Consume<DocumentStart>();
            var root = document.Parse(parser, depth: 0);
            parser.Consume<DocumentEnd>();
            return document.Convert(root, "", depth: 0);
        }
        catch (YamlException failure)
        {
            throw document.Failure(failure.Start, failure.Message);
        }
        catch (InvalidOperationException)
        {
            // The parser throws this for some unclosed brackets and braces.
            throw document.Failure(
                parser.Current?.End ?? Mark.Empty, "what follows is not YAML; is a bracket left open?");
        }
    }

    private Node Parse(IParser parser, int depth)
    {
        if (depth > MaxDepth)
        {
            throw Failure(parser.Current!.Start, $"the nesting is deeper than {MaxDepth} levels");
        }

        switch (parser.Current)
        {
            case AnchorAlias alias:
                parser.MoveNext();
                // An alias refers to the last preceding anchor of its name.
                return _anchors.TryGetValue(alias.Value.Value, out var target)
                    ? new Alias(alias.Start, alias.Value.Value, target)
                    : throw Failure(alias.Start, $"unknown anchor '{alias.Value.Value}' referenced");
            case Scalar scalar:
                parser.MoveNext();
                return Anchored(scalar, new Text(scalar));
            case SequenceStart start:
                var list = (List)Anchored(start, new List(start.Start));
                parser.MoveNext();
                while (!parser.TryConsume<SequenceEnd>(out _))
                {
                    list.Items.Add(Parse(parser, depth + 1));
                }

                return list;
            case MappingStart start:
                var map = (Map)Anchored(start, new Map(start.Start));
                parser.MoveNext();
                while (!parser.TryConsume<MappingEnd>(out _))
                {
                    map.Fields.Add((Parse(parser, depth + 1), Parse(parser, depth + 1)));
                }

                return map;
            default:
                throw Failure(parser.Current?.Start ?? Mark.Empty, "a value is expected");
        }
    }

    private Node Anchored(NodeEvent parsed, Node node)
    {
        if (!parsed.Anchor.IsEmpty)
        {
            _anchors[parsed.Anchor.Value] = node;
        }

        return node;
    }

    private JsonNode? Convert(Node node, string path, int depth)
    {
        CountAliases(node);
        if (depth > MaxDepth)
        {
            throw Failure(node.Start, $"the nesting is deeper than {MaxDepth} levels");
        }

        return node switch
        {
            Text text => Scalars.Read(text.Scalar, Failure),
            List list => new JsonArray([.. list.Items.Select((item, i) => Convert(item, $"{path}[{i}]", depth + 1))]),
            Map map => ConvertMap(map, path, depth),
            Alias alias => Follow(alias, target => Convert(target, path, depth)),
            _ => null,
        };
    }

    private T Follow<T>(Alias alias, Func<Node, T> use)
    {
        if (!_open.Add(alias.Target))
        {
            throw Failure(alias.Start, $"anchor '{alias.Name}' value contains itself");
        }

        _aliasDepth++;
        var used = use(alias.Target);
        _aliasDepth--;
        _open.Remove(alias.Target);
        return used;
    }

    private JsonObject ConvertMap(Map map, string path, int depth)
    {
        var converted = new JsonObject();
        var own = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in map.Fields)
        {
            if (key is Text { Scalar: { Value: "<<", Style: ScalarStyle.Plain, Tag.IsEmpty: true } })
            {
                Merge(value, converted, path, depth);
                continue;
            }

            var name = KeyOf(key);
            var at = path.Length == 0 ? name : $"{path}.{name}";
            var child = Convert(value, at, depth + 1);
            if (!own.Add(name))
            {
                _duplicates?.Add(at);
            }

            converted[name] = child;
        }

        return converted;
    }

    /// <summary>
    /// <c>&lt;&lt;</c>: merges a mapping, or a list of mappings of which the first with a field wins. Merged fields
    /// replace preceding fields, and following fields replace merged ones.
    /// </summary>
    private void Merge(Node value, JsonObject into, string path, int depth)
    {
        switch (value)
        {
            case Alias alias:
                Follow(alias, target =>
                {
                    Merge(target, into, path, depth);
                    return true;
                });
                break;
            case List list:
                foreach (var item in Enumerable.Reverse(list.Items))
                {
                    Merge(item, into, path, depth + 1);
                }

                break;
            case Map map when depth <= MaxDepth:
                foreach (var (name, child) in ConvertMap(map, path, depth + 1).ToList())
                {
                    into[name] = child?.DeepClone();
                }

                break;
            default:
                throw Failure(value.Start, "map merge requires map or sequence of maps as the value");
        }
    }

    private string KeyOf(Node key) => key switch
    {
        Text text => Scalars.Key(text.Scalar, Failure),
        Alias alias => Follow(alias, KeyOf),
        _ => throw Failure(key.Start, "a key must be a scalar, not a list or a map"),
    };

    /// <summary>
    /// The limit of the API's library on alias expansion: the share of values from aliases may be almost all in a small
    /// document, and down to a tenth in a large one.
    /// </summary>
    private void CountAliases(Node node)
    {
        _decoded++;
        _aliased += _aliasDepth > 0 ? 1 : 0;
        if (_aliased > 100 && _decoded > 1000 && _aliased > _decoded * AllowedShare(_decoded))
        {
            throw Failure(node.Start, "document contains excessive aliasing");
        }
    }

    private static double AllowedShare(int decoded) => decoded switch
    {
        <= 400_000 => 0.99,
        >= 4_000_000 => 0.10,
        _ => 0.99 - (0.89 * (decoded - 400_000) / 3_600_000),
    };

    private FormatException Failure(Mark at, string reason) => new($"line {at.Line + _firstLine}: {reason}");

    private abstract record Node(Mark Start)
    {
        public virtual bool Equals(Node? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }

    private sealed record Text(Scalar Scalar) : Node(Scalar.Start);

    private sealed record Alias(Mark Start, string Name, Node Target) : Node(Start);

    private sealed record List(Mark Start) : Node(Start)
    {
        public List<Node> Items { get; } = [];
    }

    private sealed record Map(Mark Start) : Node(Start)
    {
        public List<(Node Key, Node Value)> Fields { get; } = [];
    }
}

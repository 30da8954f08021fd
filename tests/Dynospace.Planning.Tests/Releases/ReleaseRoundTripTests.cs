using System.Collections;
using System.Reflection;
using Dynospace.Api.Apps;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Releases;

/// <summary>
/// Every field of an App's spec, found by reflection, through a stored release. A new field is part of releases unless
/// it is listed here as not being part of them; so it cannot be forgotten.
/// </summary>
public sealed class ReleaseRoundTripTests
{
    /// <summary>What takes effect without a release.</summary>
    private static readonly HashSet<string> NotOfReleases =
    [
        "internalRouting", "domains", "replicas", "maintenance", "rollbackTo", "processes.quantity", "processes.size",
        "tls.secrets.name", "tls.issuerRef.name", "tls.issuerRef.kind", "tls.redirect",
    ];

    private static readonly Dictionary<string, SecretDigest> Secrets =
        new[] { "text", "text-changed" }.ToDictionary(
            name => name, name => new SecretDigest(name, $"digest of {name}"));

    public static TheoryData<string> Fields => [.. Leaves(typeof(AppSpec)).Select(leaf => leaf.Path)];

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_field_is_part_of_releases_or_listed_as_none(string field)
    {
        var (before, after) = (Filled<AppSpec>(), Filled<AppSpec>());
        Leaves(typeof(AppSpec)).Single(leaf => leaf.Path == field).Change(after);

        var (old, changed) = (ReleaseRecord.FromSpec(before, Secrets), ReleaseRecord.FromSpec(after, Secrets));

        Assert.Equal(!NotOfReleases.Contains(field), old.Hash != changed.Hash);
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_changed_field_is_stored_and_read_back(string field)
    {
        var spec = Filled<AppSpec>();
        Leaves(typeof(AppSpec)).Single(leaf => leaf.Path == field).Change(spec);
        var release = ReleaseRecord.FromSpec(spec, Secrets) with { Number = 7 };

        Assert.Equivalent(release, ReleaseRecord.FromRevision(release.ToRevision(Sample.App())), strict: true);
    }

    [Fact]
    public void Only_fields_are_listed() =>
        Assert.Empty(NotOfReleases.Except(Leaves(typeof(AppSpec)).Select(leaf => leaf.Path)));

    [Fact]
    public void Members_are_stored_in_the_order_in_which_the_api_server_writes_them()
    {
        var spec = Filled<AppSpec>();
        spec.Config = new Dictionary<string, string> { ["b"] = "1", ["B"] = "2", ["_"] = "3", ["a"] = "4" };

        var data = (System.Text.Json.JsonElement)ReleaseRecord.FromSpec(spec, Secrets).ToRevision(Sample.App()).Data;

        Assert.Equal(
            data.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal),
            data.EnumerateObject().Select(member => member.Name));
        Assert.Equal(["B", "_", "a", "b"], data.GetProperty("config").EnumerateObject().Select(member => member.Name));
    }

    private sealed record Leaf(string Path, Action<object> Change);

    private static IEnumerable<Leaf> Leaves(Type type)
    {
        foreach (var property in type.GetProperties())
        {
            var name = char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
            if (Nested(property.PropertyType) is { } nested)
            {
                foreach (var leaf in Leaves(nested))
                {
                    yield return new($"{name}.{leaf.Path}", parent => leaf.Change(First(property.GetValue(parent)!)));
                }
            }
            else
            {
                yield return new(name, parent => property.SetValue(parent, Changed(property.GetValue(parent)!)));
            }
        }
    }

    private static object First(object value) => value is IList list ? list[0]! : value;

    /// <summary>A type of this API, alone or in a list; null for a plain value.</summary>
    private static Type? Nested(Type type)
    {
        var item = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>)
            ? type.GetGenericArguments()[0]
            : type;
        return item is { IsClass: true, Namespace: not null } && item.Assembly == typeof(AppSpec).Assembly
            ? item
            : null;
    }

    private static object Changed(object value) => value switch
    {
        string text => $"{text}-changed",
        int number => number + 1,
        long number => number + 1,
        bool flag => !flag,
        Enum word => Enum.GetValues(word.GetType()).Cast<object>().First(other => !other.Equals(word)),
        IDictionary<string, string> map => new Dictionary<string, string>(map) { ["ADDED"] = "value" },
        IList<string> list => (List<string>)[.. list, "added"],
        _ => throw new NotSupportedException($"Say here how a {value.GetType()} is changed."),
    };

    private static T Filled<T>() => (T)Filled(typeof(T));

    private static object Filled(Type type)
    {
        var instance = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties())
        {
            property.SetValue(instance, ValueOf(property));
        }

        return instance;
    }

    private static object ValueOf(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (Nested(type) is { } nested)
        {
            var filled = Filled(nested);
            if (nested == type)
            {
                return filled;
            }

            var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(nested))!;
            list.Add(filled);
            return list;
        }

        return type switch
        {
            _ when type == typeof(string) => "text",
            _ when type == typeof(int) => 1,
            _ when type == typeof(long) => 1L,
            _ when type == typeof(bool) => true,
            { IsEnum: true } => Enum.GetValues(type).GetValue(0)!,
            _ when type == typeof(IDictionary<string, string>) =>
                new Dictionary<string, string> { ["KEY"] = "a<b && c>\u00fc" },
            _ when type == typeof(IList<string>) => new List<string> { "item" },
            _ => throw new NotSupportedException($"Say here how a {type} is filled."),
        };
    }
}

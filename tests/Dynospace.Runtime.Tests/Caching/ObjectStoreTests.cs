using Dynospace.Runtime.Caching;

namespace Dynospace.Runtime.Tests.Caching;

public sealed class ObjectStoreTests
{
    private readonly ObjectStore<string> _store = new(new Dictionary<string, Func<string, IEnumerable<string>>>
    {
        ["first"] = text => text.Length == 0 ? [] : [text[..1]],
        ["letters"] = text => text.Select(c => c.ToString()),
    });

    [Fact]
    public void Changed_object_moves_in_every_index()
    {
        Set("k", "ab", "1");
        Set("k", "bc", "2");
        Assert.Empty(_store.ByIndex("first", "a"));
        Assert.Equal(["bc"], _store.ByIndex("first", "b"));
        Assert.Empty(_store.ByIndex("letters", "a"));
        Assert.Equal(["bc"], _store.ByIndex("letters", "b"));
        Assert.Equal(["bc"], _store.ByIndex("letters", "c"));
    }

    [Fact]
    public void Removed_object_leaves_every_index()
    {
        Set("k", "ab", "1");
        Set("l", "ac", "1");
        var change = _store.Remove(Key("k"));
        Assert.Equal(new ObjectChange<string>(Key("k"), "ab", null), change);
        Assert.Equal(["ac"], _store.ByIndex("first", "a"));
        Assert.Empty(_store.ByIndex("letters", "b"));
        Assert.Null(_store.Remove(Key("k")));
    }

    [Fact]
    public void Known_version_keeps_the_value_it_had()
    {
        Set("k", "ab", "1");
        Assert.Null(Set("k", "other", "1"));
        Assert.Equal("ab", _store.Get(Key("k")));
    }

    [Fact]
    public void List_keeps_values_of_known_versions_and_reports_the_rest()
    {
        Set("same", "a", "1");
        Set("changed", "b", "2");
        Set("gone", "c", "3");
        var changes = _store.Replace(new Dictionary<ObjectKey, StoredObject<string>>
        {
            [Key("same")] = new("not taken", new ResourceVersion("1")),
            [Key("changed")] = new("B", new ResourceVersion("4")),
            [Key("new")] = new("d", new ResourceVersion("5")),
        });
        Assert.Equal(
            [new(Key("changed"), "b", "B"), new(Key("gone"), "c", null), new(Key("new"), null, "d")],
            changes.OrderBy(c => c.Key.Name, StringComparer.Ordinal));
        Assert.Equal("a", _store.Get(Key("same")));
        Assert.Equal(["B", "a", "d"], _store.List().Order(StringComparer.Ordinal));
        Assert.Empty(_store.ByIndex("first", "c"));
    }

    [Fact]
    public void Reader_keeps_the_moment_it_read()
    {
        Set("k", "ab", "1");
        var list = _store.List();
        var index = _store.ByIndex("first", "a");
        _store.Remove(Key("k"));
        Assert.Equal(["ab"], list);
        Assert.Equal(["ab"], index);
        Assert.Equal(0, _store.Count);
    }

    [Fact]
    public void Unknown_index_is_named_with_those_there_are()
    {
        var error = Assert.Throws<ArgumentException>(() => _store.ByIndex("nope", "a"));
        Assert.Contains("'nope'", error.Message, StringComparison.Ordinal);
        Assert.Contains("first, letters", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7", "7", true)]
    [InlineData("7", "8", false)]
    [InlineData("7", "07", false)]
    [InlineData("0", "00", false)]
    [InlineData("18446744073709551616", "18446744073709551616", true)]
    [InlineData("18446744073709551616", "0", false)]
    [InlineData("abc", "abc", true)]
    [InlineData("abc", "abd", false)]
    public void Versions_are_equal_only_when_their_texts_are(string one, string other, bool equal) =>
        Assert.Equal(equal, new ResourceVersion(one) == new ResourceVersion(other));

    private static ObjectKey Key(string name) => new("ns", name);

    private ObjectChange<string>? Set(string name, string value, string version) =>
        _store.Set(Key(name), value, new ResourceVersion(version));
}

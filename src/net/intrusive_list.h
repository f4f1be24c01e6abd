// A list whose nodes are members of what they list: linking costs two stores and allocates nothing,
// and whatever dies takes itself out.
#pragma once

namespace sluice::net {

class ListNode {
 public:
  ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { unlink(); }

  bool linked() const { return next_ != this; }

  void unlink() {
    previous_->next_ = next_;
    next_->previous_ = previous_;
    previous_ = next_ = this;
  }

 private:
  template <class Node>
  friend class IntrusiveList;

  ListNode* previous_ = this;
  ListNode* next_ = this;
};

// Node derives from ListNode (or from something that does, unambiguously).
template <class Node>
class IntrusiveList {
 public:
  bool empty() const { return !head_.linked(); }

  void push_back(Node& node) {
    ListNode& added = node;
    added.unlink();
    added.previous_ = head_.previous_;
    added.next_ = &head_;
    head_.previous_->next_ = &added;
    head_.previous_ = &added;
  }

  Node& front() { return static_cast<Node&>(*head_.next_); }
  Node& back() { return static_cast<Node&>(*head_.previous_); }

  Node* pop_front() {
    if (empty()) return nullptr;
    Node& node = front();
    static_cast<ListNode&>(node).unlink();
    return &node;
  }

  // Moves everything to the end of `other`.
  void move_to(IntrusiveList& other) {
    if (empty()) return;
    ListNode* const first = head_.next_;
    ListNode* const last = head_.previous_;
    head_.previous_ = head_.next_ = &head_;
    first->previous_ = other.head_.previous_;
    other.head_.previous_->next_ = first;
    last->next_ = &other.head_;
    other.head_.previous_ = last;
  }

 private:
  ListNode head_;
};

}  // namespace sluice::net
